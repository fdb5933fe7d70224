"""A REPLY -> DECISIONS: the same few words in a mail and behind ``kithd do``."""
