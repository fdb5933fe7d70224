"""The pages, and the programs that make those of them that come from code."""
