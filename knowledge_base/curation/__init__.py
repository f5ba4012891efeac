"""How the FAQ is kept right: states, versions, and what a curator sees of them."""
