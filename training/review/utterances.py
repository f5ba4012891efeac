"""Labelled messages of customers as training has them."""

from agent.utterances import Utterance
from training.review.item import Label


def utterance_of(text: str, language: str, label: Label) -> Utterance:
    """A message with its label; training knows English and Chinese."""
    return Utterance(text, "zh" if language == "zh" else "en", label.intent, label.entry)
