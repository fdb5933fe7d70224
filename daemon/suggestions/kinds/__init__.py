"""One file a kind of suggestion: each turns a situation into candidates."""
