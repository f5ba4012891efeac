"""From the conversation log to messages that people labelled."""
