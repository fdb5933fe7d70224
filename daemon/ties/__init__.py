"""INTERACTIONS -> TIES: each tie's own rhythm, and how likely a silence is to last."""
