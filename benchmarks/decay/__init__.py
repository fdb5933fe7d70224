"""Who wrote whom and when -> how well each model foresees which ties fall silent."""
