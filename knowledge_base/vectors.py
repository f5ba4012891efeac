"""The Chroma collection: a vector for every question variant and every answer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.api.types import Where
from chromadb.config import Settings

from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import SettingsError, StorageError
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
        client: of a Chroma that has the collection, or may make it.
        collection: its name.
        encoder: embeds entries and messages.
        create: whether to make the collection where it is missing.

    Raises:
        StorageError: the Chroma server does not answer.
    """

    def __init__(self, client: Client, collection: str, encoder: TextEncoder, *, create: bool = True) -> None:
        self.client, self.encoder = client, encoder
        with _absence_told():
            if create:
                self.collection = client.get_or_create_collection(
                    collection, configuration={"hnsw": {"space": "cosine", "ef_search": 200}}, embedding_function=None
                )
            else:
                self.collection = client.get_collection(collection, embedding_function=None)

    @classmethod
    def in_folder(cls, folder: Path, encoder: TextEncoder) -> "VectorIndex":
        """Open Chroma in this process.

        Args:
            folder: Chroma's; made if missing.
            encoder: embeds entries and messages.
        """
        return cls(cast("Client", chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))), COLLECTION, encoder)

    @classmethod
    def on_server(cls, url: str, collection: str, encoder: TextEncoder, *, create: bool = True) -> "VectorIndex":
        """Open a collection on a Chroma server, which many processes may share.

        Args:
            url: the server's, e.g. ``http://127.0.0.1:8000``.
            collection: its name.
            encoder: embeds entries and messages.
            create: whether to make it where it is missing.

        Raises:
            SettingsError: the URL is none.
            StorageError: the server does not answer.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingsError(f"FRONTDESK_CHROMA_URL={url} is no URL. It looks like http://127.0.0.1:8000.")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            client = chromadb.HttpClient(parts.hostname, port, ssl=parts.scheme == "https", settings=Settings(anonymized_telemetry=False))
        except ValueError as error:  # so Chroma says that nobody is there
            raise StorageError(f"No Chroma server answers at {url}. Start it (`chroma run`), or check FRONTDESK_CHROMA_URL.") from error
        return cls(cast("Client", client), collection, encoder, create=create)

    def replace(self, ids: Sequence[str], entries: Sequence[FAQEntry], progress: Callable[[int], object] | None = None) -> None:
        """Forget the entries with these ids, then embed and add these entries.

        Raises:
            StorageError: the Chroma server does not answer.
        """
        with _absence_told():
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

        Raises:
            StorageError: the Chroma server does not answer.
        """
        with _absence_told():
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
        """How many vectors there are.

        Raises:
            StorageError: the Chroma server does not answer.
        """
        with _absence_told():
            return self.collection.count()

    def check(self) -> None:
        """Raise if a search would miss vectors: Chroma still counts those whose files are gone."""
        oldest = self.collection.get(limit=1, include=["embeddings"])["embeddings"]  # the newest are not in the files yet
        if oldest is not None and len(oldest):
            self.collection.query(query_embeddings=oldest, n_results=self.count(), include=[])  # walks through the whole graph

    def close(self) -> None:
        """Close the files, or the connections."""
        self.client.close()

    def remove(self) -> None:
        """Delete the collection."""
        with _absence_told():
            self.client.delete_collection(self.collection.name)

    def _add(self, kind: str, texts: Sequence[tuple[FAQEntry, str, str]], vectors: Array) -> None:
        ids = [f"{entry.id}/{language}/{kind}/{place}" for place, (entry, language, _) in enumerate(texts)]
        metadatas = [{"entry": entry.id} for entry, _, _ in texts]  # to delete by
        for start in range(0, len(ids), BATCH):
            part = slice(start, start + BATCH)
            with _absence_told():
                self.collection.upsert(ids=ids[part], embeddings=vectors[part], metadatas=metadatas[part])  # type: ignore[arg-type]


@contextmanager
def _absence_told() -> Iterator[None]:
    """Say what to do where a server is not there."""
    try:
        yield
    except httpx.HTTPError as error:
        raise StorageError(f"The Chroma server does not answer ({error}). Check that it runs at FRONTDESK_CHROMA_URL.") from error
