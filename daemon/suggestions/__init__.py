"""TIES -> SUGGESTIONS: what the ego could give, to whom, and why now."""
