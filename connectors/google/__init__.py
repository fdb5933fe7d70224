"""What the connectors to Gmail, Google Calendar and Google contacts share."""
