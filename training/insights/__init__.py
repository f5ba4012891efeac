"""What the log tells about the customers' traffic: how it was served, and whether it moves."""
