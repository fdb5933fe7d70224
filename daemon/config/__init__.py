"""The owner's settings: their models, the file they come from, and the texts made of them."""
