"""Keyword search: BM25 by SQLite's FTS5 over words that jieba cuts, in a file of its own."""

import logging
import re
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

import jieba

from knowledge_base.entry import FAQEntry
from knowledge_base.normalisation import normalise

jieba.setLogLevel(logging.WARNING)
WORD = re.compile(r"\w")
QUESTIONS_WEIGHT, ANSWER_WEIGHT = 2.0, 1.0  # customers' words are closer to the questions


def words(text: str) -> list[str]:
    """The normalised text's words, Chinese cut by jieba.

    >>> words("退货要多久？ How long?")
    ['退货', '要', '多久', 'how', 'long']
    """
    return [word for word in jieba.cut_for_search(normalise(text)) if WORD.search(word)]


def entry_words(entries: Iterable[FAQEntry]) -> set[str]:
    """Every word of these entries."""
    return {word for entry in entries for variant in entry.variants.values() for word in words(" ".join(variant.texts))}


class KeywordIndex:
    """BM25 over entries, one document for each entry and language.

    Args:
        path: the index's file; made if missing.
    """

    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS documents USING fts5(questions, answer, entry UNINDEXED, tokenize='porter unicode61')"
        )

    def replace(self, ids: Iterable[str], entries: Iterable[FAQEntry]) -> None:
        """Forget the entries with these ids, then index these entries, in one transaction."""
        with self.lock, self.connection:  # the connection commits, or rolls back an exception
            self.connection.execute("BEGIN")
            self.connection.executemany("DELETE FROM documents WHERE entry = ?", [(entry_id,) for entry_id in ids])
            self.connection.executemany(
                "INSERT INTO documents (questions, answer, entry) VALUES (?, ?, ?)",
                [
                    (" ".join(words(" ".join(variant.questions))), " ".join(words(variant.answer)), entry.id)
                    for entry in entries
                    for variant in entry.variants.values()
                ],
            )

    def search(self, text: str, limit: int) -> dict[str, float]:
        """Return the best entries' BM25 scores (higher is better), best first.

        Args:
            text: a customer's message; quotes and operators in it mean nothing.
            limit: how many documents to look at.
        """
        query = " OR ".join(f'"{word}"' for word in dict.fromkeys(words(text)[:64]))
        if not query:
            return {}
        with self.lock:
            rows = self.connection.execute(
                f"SELECT entry, -bm25(documents, {QUESTIONS_WEIGHT}, {ANSWER_WEIGHT}) AS score FROM documents "  # noqa: S608 - constants
                "WHERE documents MATCH ? ORDER BY score DESC LIMIT ?",
                (query, limit),
            ).fetchall()
        scores: dict[str, float] = {}
        for entry_id, score in rows:
            scores.setdefault(entry_id, score)
        return scores

    def vocabulary(self) -> set[str]:
        """Every word of the entries."""
        with self.lock:
            rows = self.connection.execute("SELECT questions, answer FROM documents").fetchall()
        return {word for row in rows for text in row for word in text.split()}

    def changes(self) -> int:
        """A number that changes whenever another process has changed the index."""
        with self.lock:
            return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    def count(self) -> int:
        """How many documents there are."""
        with self.lock:
            return int(self.connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    def check(self) -> None:
        """Raise sqlite3.DatabaseError if the file is damaged, which a search would notice only now and then."""
        with self.lock:
            self.connection.execute("INSERT INTO documents (documents) VALUES ('integrity-check')")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
