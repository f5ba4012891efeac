"""Writes the reply to an answered message: composed by a language model, or the entry's own answer."""

import logging
import re
import time
from dataclasses import dataclass

from agent.errors import GenerationError
from agent.generation import ChatMessage, LanguageModel
from knowledge_base.entry import EntryVariant
from knowledge_base.normalisation import normalise

logger = logging.getLogger(__name__)

MAX_TOKENS = 200
FACT = re.compile(r"\d+(?:[.,:]\d+)*|(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+")
INSTRUCTIONS = {
    "en": (
        "You are a customer-service assistant. Answer the customer's question in English, in at most 80 words, using only the help "
        "article below. Do not add facts, promises or instructions. If the article does not answer the question, say so.\n\n"
        "Help article: {title}\n{answer}"
    ),
    "zh": (
        "你是客服助手。请只根据下面的帮助文章，用中文简短回答顾客的问题，不超过 120 字。"
        "不要添加文章里没有的信息、承诺或步骤；如果文章没有回答这个问题，请如实说明。\n\n"
        "帮助文章：{title}\n{answer}"
    ),
}


@dataclass(frozen=True)
class Draft:
    """A reply's text.

    Attributes:
        text: Markdown.
        composed: whether a language model wrote it.
    """

    text: str
    composed: bool


class Composer:
    """Composes replies, and falls back to the entry's own answer whenever that fails.

    Args:
        model: None to always send the entry's own answer.
        deadline_s: seconds after which a composed reply is given up.
    """

    def __init__(self, model: LanguageModel | None = None, deadline_s: float = 8.0) -> None:
        self.model = model
        self.deadline_s = deadline_s

    def compose(self, message: str, variant: EntryVariant) -> Draft:
        """Answer a message from an entry.

        Args:
            message: the customer's, personal data masked.
            variant: the entry in the language of the reply.
        """
        if self.model is None or variant.language not in INSTRUCTIONS:
            return Draft(variant.answer, composed=False)
        try:
            text = self._generate(self.model, message, variant)
        except GenerationError as error:
            logger.warning("The reply was not composed, the entry's own answer is sent: %s", error)
            return Draft(variant.answer, composed=False)
        if not text or adds_facts(text, variant.answer):
            logger.warning("The composed reply was empty or named figures that the entry does not; the entry's own answer is sent.")
            return Draft(variant.answer, composed=False)
        return Draft(text, composed=True)

    def _generate(self, model: LanguageModel, message: str, variant: EntryVariant) -> str:
        instructions = INSTRUCTIONS[variant.language].format(title=variant.title, answer=variant.answer)
        messages = [ChatMessage("system", instructions), ChatMessage("user", message)]
        return "".join(model.stream(messages, max_tokens=MAX_TOKENS, deadline=time.monotonic() + self.deadline_s)).strip()


def adds_facts(text: str, evidence: str) -> bool:
    """Whether a text has a figure, link or address that the evidence has not: the least that a composed reply must not do."""
    return not set(FACT.findall(normalise(text))) <= set(FACT.findall(normalise(evidence)))
