"""Events in the calendars of an account at Google."""
