"""Cards in the address book of an account at Google."""
