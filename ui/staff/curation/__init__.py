"""The page on which the FAQ is kept right."""
