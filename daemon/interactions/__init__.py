"""OBSERVATIONS -> INTERACTIONS: who was in contact with the ego, when, and which way."""
