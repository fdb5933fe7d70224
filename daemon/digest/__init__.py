"""SUGGESTIONS -> A PAGE: the day's few, as plain text first and then as HTML."""
