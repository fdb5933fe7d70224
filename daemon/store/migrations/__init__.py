"""The schema's history: one file a step, each run once and in one transaction."""
