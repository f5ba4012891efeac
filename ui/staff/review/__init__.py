"""The page on which people say what messages mean, and from which training learns."""
