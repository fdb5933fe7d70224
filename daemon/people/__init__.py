"""IDENTITIES -> PEOPLE: which addresses are one person, and what that person is called."""
