"""A WebDAV account to what has changed in it: discovery, reports, and how far they were read."""
