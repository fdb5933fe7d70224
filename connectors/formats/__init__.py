"""Bytes of a standard format -> observations: pure, bounded, and never surprised."""
