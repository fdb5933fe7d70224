"""Mail, calendars and contacts of a mailbox on an Exchange Server, by Exchange Web Services."""
