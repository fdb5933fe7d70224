"""ONE FILE, ONE VERB: load, decide, commit."""
