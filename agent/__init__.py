"""One message in, one reply out: understanding, routing, composing and the conversation log."""
