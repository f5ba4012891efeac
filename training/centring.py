"""Learns the centres of languages: the mean vectors of messages, and of answers."""

from collections.abc import Sequence

from knowledge_base.centring import Centring, language_of
from knowledge_base.encoder import TextEncoder
from knowledge_base.onnx_model import Array


def learn_centres(encoder: TextEncoder, messages: Sequence[str], answers: Sequence[str]) -> Centring:
    """Average the vectors of texts, by language.

    Args:
        encoder: embeds them.
        messages: as customers write them, about anything.
        answers: as FAQs have them.
    """
    centres = _means(encoder.encode_queries(messages), messages, "query") | _means(encoder.encode_documents(answers), answers, "document")
    return Centring(centres)


def _means(vectors: Array, texts: Sequence[str], kind: str) -> dict[str, Array]:
    languages = [language_of(text) for text in texts]
    return {f"{code} {kind}": vectors[[language == code for language in languages]].mean(0) for code in ("en", "zh")}
