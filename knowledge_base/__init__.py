"""FAQ entries and how they are found: the repository, the encoder, the index and retrieval."""
