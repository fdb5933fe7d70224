"""One module a language: the phrases by which people ask, promise and thank."""
