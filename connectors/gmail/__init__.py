"""Gmail, through Google's own API: the mailbox read, and the digest sent."""
