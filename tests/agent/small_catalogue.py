"""A catalogue of intents and made-up candidates, for the tests of routing."""

from agent.intents import Intent
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.retrieval import Candidate

INTENTS = {
    intent.id: intent
    for intent in (
        Intent("refund_status", "query", "answer"),
        Intent("recommend_product", "advice", "answer"),
        Intent("greeting", "social", "social"),
        Intent("bot_identity", "social", "social"),
        Intent("human_agent", "request", "hand_off"),
        Intent("complaint", "complaint", "hand_off"),
    )
}


def entry(entry_id: str, intent: str | None = None) -> FAQEntry:
    return FAQEntry(entry_id, {"en": EntryVariant("en", (f"{entry_id}?",), f"{entry_id}.")}, intent=intent)


def candidate(entry_id: str, intent: str | None = None, *, question: float = 0.5, answer: float = 0.5, keywords: float = 0.0) -> Candidate:
    return Candidate(entry(entry_id, intent), question, answer, keywords, cohort=0.5, cohort_nearest=0.5)
