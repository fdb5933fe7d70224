"""Mailboxes over IMAP -> messages."""
