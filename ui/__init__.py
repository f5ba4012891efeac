"""How people reach the agent: the page that customers chat on, and the server behind it."""
