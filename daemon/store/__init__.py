"""THE DATABASE: the only SQLAlchemy in the tree; a file per noun."""
