"""A made-up year of mail, meetings, cards and feeds, seeded, with the truth beside it."""
