"""Clients of the HTTP API, each a file that portals copy or load."""
