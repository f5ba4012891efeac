"""From what customers asked in vain to entries that would answer it."""
