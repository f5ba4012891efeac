"""The Chroma collection: a vector for every question variant and every answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.api.types import Where
from chromadb.config import Settings

from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.onnx_model import Array

COLLECTION = "faq"
BATCH = 4000  # Chroma takes at most 5461 vectors at once


@dataclass(frozen=True)
class Similarity:
    """How near an entry is to a message.

    Attributes:
        question: the best cosine among its questions.
        answer: the best cosine among its answers.
        language: of the nearest of all these texts.
    """

    question: float
    answer: float
    language: str


class VectorIndex:
    """Nearest questions and answers, by cosine.

    Args:
        folder: Chroma's folder; made if missing.
        encoder: embeds entries and messages.
    """

    def __init__(self, folder: Path, encoder: TextEncoder) -> None:
        self.encoder = encoder
        self.client = cast("Client", chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False)))
        self.collection = self.client.get_or_create_collection(
            COLLECTION, configuration={"hnsw": {"space": "cosine", "ef_search": 200}}, embedding_function=None
        )

    def replace(self, ids: Sequence[str], entries: Sequence[FAQEntry], progress: Callable[[int], object] | None = None) -> None:
        """Forget the entries with these ids, then embed and add these entries."""
        for start in range(0, len(ids), 200):
            self.collection.delete(where=cast("Where", {"entry": {"$in": ids[start : start + 200]}}))
        questions = [(entry, language, text) for entry in entries for language, v in entry.variants.items() for text in v.questions]
        answers = [(entry, language, v.answer) for entry in entries for language, v in entry.variants.items()]
        if questions:
            self._add("question", questions, self.encoder.encode_queries([text for *_, text in questions], progress))
            self._add("answer", answers, self.encoder.encode_documents([text for *_, text in answers], progress))

    def search(self, vector: Array, limit: int) -> dict[str, Similarity]:
        """Return the entries near a message's vector, nearest first.

        Args:
            vector: the message's, (dimensions,).
            limit: how many vectors to look at; an entry whose question or answer is not among them gets the farthest cosine seen.
        """
        result = self.collection.query(
            query_embeddings=vector[np.newaxis].astype(np.float32), n_results=limit, include=["distances"]
        )  # reading metadata would take longer than searching
        ids, distances = result["ids"], result["distances"]
        if not distances or not distances[0]:
            return {}
        farthest = 1.0 - distances[0][-1]
        best: dict[str, dict[str, float]] = {}
        languages: dict[str, str] = {}
        for text_id, distance in zip(ids[0], distances[0], strict=True):
            entry, language, kind, _place = text_id.split("/")
            languages.setdefault(entry, language)
            best.setdefault(entry, {}).setdefault(kind, 1.0 - distance)
        return {
            entry: Similarity(found.get("question", farthest), found.get("answer", farthest), languages[entry])
            for entry, found in best.items()
        }

    def count(self) -> int:
        """How many vectors there are."""
        return self.collection.count()

    def check(self) -> None:
        """Raise if a search would miss vectors: Chroma still counts those whose files are gone."""
        oldest = self.collection.get(limit=1, include=["embeddings"])["embeddings"]  # the newest are not in the files yet
        if oldest is not None and len(oldest):
            self.collection.query(query_embeddings=oldest, n_results=self.count(), include=[])  # walks through the whole graph

    def close(self) -> None:
        """Close the files."""
        self.client.close()

    def _add(self, kind: str, texts: Sequence[tuple[FAQEntry, str, str]], vectors: Array) -> None:
        ids = [f"{entry.id}/{language}/{kind}/{place}" for place, (entry, language, _) in enumerate(texts)]
        metadatas = [{"entry": entry.id} for entry, _, _ in texts]  # to delete by
        for start in range(0, len(ids), BATCH):
            part = slice(start, start + BATCH)
            self.collection.upsert(ids=ids[part], embeddings=vectors[part], metadatas=metadatas[part])  # type: ignore[arg-type]
