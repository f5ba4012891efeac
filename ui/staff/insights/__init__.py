"""The page that shows how customers are served, and whether their messages move."""
