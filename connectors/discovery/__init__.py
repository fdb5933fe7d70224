"""An e-mail address -> the servers behind it."""
