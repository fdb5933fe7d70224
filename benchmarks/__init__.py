"""Measurements, as ratios in one run. ``README.md`` beside this holds the last figures."""
