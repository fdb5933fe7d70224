"""Sources of observations: one module per service, one protocol for all.

A connector turns a mailbox, a calendar, an address book or a feed into batches of
observations. It knows nothing of people, ties, or the database, and never changes
what it reads.
"""
