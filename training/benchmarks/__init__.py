"""Measures on public sets and simulations; every number in docs/ comes from here."""
