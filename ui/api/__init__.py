"""The HTTP API that portals call."""
