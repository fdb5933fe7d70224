"""TEXT -> WHAT WAS SAID: asks, promises, thanks, news, topics and links, in memory only."""
