"""How a language model learns to compose replies: written replies, variants of them, and the fine-tuning."""
