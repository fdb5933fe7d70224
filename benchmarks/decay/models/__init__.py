"""What others do, and what could be done: each a file that turns rows into a chance of silence."""
