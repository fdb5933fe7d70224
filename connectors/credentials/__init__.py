"""Where passwords and tokens are kept, by reference."""
