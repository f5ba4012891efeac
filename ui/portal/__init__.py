"""A portal to look at: a shop's pages on another origin, with the widget, under a strict Content-Security-Policy."""
