"""Language models behind one protocol, which the composer streams its drafts from.

`OpenAIModel` speaks to any OpenAI-compatible server (vLLM, SGLang, llama.cpp, Ollama); `TransformersModel` runs a model in this
process; `restore_packaged_model` makes the small one that comes as an ordinary package; `CircuitBreaker` stands in front of any of
them. Everything that can go wrong while a model writes is a `GenerationError`. The two that need torch are imported from their own
modules (`agent.generation.transformers_model`, `agent.generation.packaged_model`), so that this package costs nothing where no
model runs in the process.
"""

from agent.generation.base import ChatMessage, LanguageModel
from agent.generation.circuit_breaker import CircuitBreaker
from agent.generation.openai_model import OpenAIModel

__all__ = ["ChatMessage", "CircuitBreaker", "LanguageModel", "OpenAIModel"]
