"""From reviewed messages to a better release in service."""
