"""What a classifier is trained on: frozen, numbered versions."""
