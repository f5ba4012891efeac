"""Proposes an entry: the customers' questions, and what staff answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import select

from agent.agent import UNSTORABLE
from agent.handover.events import EventKind
from agent.handover.tables import EventRow
from agent.language import detect_language
from agent.privacy import Masker
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import LONGEST_QUESTION, EntryVariant, FAQEntry
from knowledge_base.onnx_model import Array

AT_ONCE = 500  # conversations in one query


def staff_texts(database: Database, masker: Masker, asked: Mapping[str, datetime]) -> dict[str, list[str]]:
    """What staff wrote in conversations, by conversation, personal data masked.

    Args:
        database: where the conversations are.
        masker: masks what staff wrote, which is stored as it was written.
        asked: by conversation, the moment from which on it counts.
    """
    found: dict[str, list[str]] = {}
    ids = sorted(asked)
    for start in range(0, len(ids), AT_ONCE):
        query = (
            select(EventRow.conversation_id, EventRow.at, EventRow.text)
            .where(EventRow.conversation_id.in_(ids[start : start + AT_ONCE]), EventRow.kind == EventKind.MESSAGE)
            .order_by(EventRow.id)
        )
        with database.reading() as connection:
            for row in connection.execute(query).all():
                if row.at >= asked[row.conversation_id]:
                    text = masker.mask(UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", row.text))
                    found.setdefault(row.conversation_id, []).append(text)
    return found


def choose_answers(encoder: TextEncoder, topic: Array, said: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The answer of staff to a question in each language that they answered in.

    Of each conversation it is the text that is nearest to the topic, and of these the most central one, as a frequent one is.

    Args:
        encoder: the encoder.
        topic: what sets the questions apart from others, (dimensions,).
        said: what staff wrote, by conversation.
    """
    texts = list(dict.fromkeys(text for written in said.values() for text in written))
    if not texts:
        return {}
    vectors = dict(zip(texts, encoder.encode_documents(texts), strict=True))
    answers: dict[str, list[str]] = {}
    for written in said.values():
        by_language: dict[str, list[str]] = {}
        for text in written:
            by_language.setdefault(detect_language(text).code, []).append(text)
        for language, spoken in by_language.items():
            answers.setdefault(language, []).append(max(spoken, key=lambda text: float(vectors[text] @ topic)))
    chosen = {}
    for language in sorted(answers):
        rows = np.stack([vectors[text] for text in answers[language]])
        chosen[language] = answers[language][int((rows @ rows.mean(axis=0)).argmax())]
    return chosen


def draft_entry(entry_id: str, questions: Mapping[str, Sequence[str]], answers: Mapping[str, str]) -> FAQEntry | None:
    """An entry in the languages in which there are both questions and an answer, None where there is no such language.

    Args:
        entry_id: its id.
        questions: by language, the first is the title.
        answers: by language.
    """
    variants = {}
    for language, answer in answers.items():
        asked = tuple(question for question in questions.get(language, ()) if len(question) <= LONGEST_QUESTION)
        if asked:
            variants[language] = EntryVariant(language, asked, answer)
    return FAQEntry(entry_id, variants) if variants else None
