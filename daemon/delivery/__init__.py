"""A PAGE -> AN INBOX."""
