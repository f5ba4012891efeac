"""Hands conversations over to people, and back."""
