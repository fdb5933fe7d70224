"""How long the first evening takes, beside the bare reading of the same heads."""
