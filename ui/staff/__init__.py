"""The pages for people who work here."""
