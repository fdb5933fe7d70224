"""Decay models: how a history of gaps becomes the chance that a silence lasts."""
