"""The Chroma collection: a vector for every question and every answer."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.config import Settings

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import SettingsError, StorageError
from knowledge_base.onnx_model import Array
from knowledge_base.text_owners import Text, TextOwners, missing_texts, texts_of

COLLECTION = "faq"
FORMAT = 2  # raise it when the collection changes, so that older ones are built anew
BATCH = 4000  # Chroma takes at most 5461 vectors at once


def index_fingerprint(encoder: TextEncoder) -> str:
    """Of the vectors that an index has: two that agree on it hold the same."""
    centring = Centring.of(encoder.base_fingerprint)
    return hashlib.sha256(f"{FORMAT} {encoder.fingerprint} {centring.fingerprint}".encode()).hexdigest()


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
        self.client, self.encoder, self.centring = client, encoder, Centring.of(encoder.base_fingerprint)
        self.owners = TextOwners()
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

    def hold(self, entries: Iterable[FAQEntry]) -> None:
        """Say whose texts the vectors in the collection are; those of nobody are not found."""
        self.owners = TextOwners(entries)

    def replace(self, ids: Sequence[str], entries: Sequence[FAQEntry], progress: Callable[[int], object] = lambda _done: None) -> None:
        """Forget the entries with these ids, and add these entries; what is found by both stays found all the time.

        Args:
            ids: of entries that may be there.
            entries: as they are now.
            progress: called with counts of texts done.

        Raises:
            StorageError: the Chroma server does not answer.
        """
        missing = missing_texts(entries, self.owners)
        progress(sum(1 for entry in entries for _ in texts_of(entry)) - len(missing))
        vectors, text_ids = self.embed(list(missing.values()), progress), list(missing)
        before, after = self.owners, self.owners.replaced({*ids, *(entry.id for entry in entries)}, entries)
        with _absence_told():
            for start in range(0, len(text_ids), BATCH):
                part = slice(start, start + BATCH)
                self.collection.upsert(ids=text_ids[part], embeddings=vectors[part])
        self.owners = after
        self._delete([text_id for text_id in before.texts if not after.of(text_id)])

    def prune(self) -> None:
        """Delete the vectors of texts that nobody has: a process that died may have left some.

        Raises:
            StorageError: the Chroma server does not answer.
        """
        with _absence_told():
            self._delete([text_id for text_id in self.collection.get(include=[])["ids"] if not self.owners.of(text_id)])

    def embed(self, texts: Sequence[Text], progress: Callable[[int], object] | None = None) -> Array:
        """The centred vectors of texts, (texts, dimensions)."""
        questions = [text.text for text in texts if text.kind == "question"]
        answers = [text.text for text in texts if text.kind == "answer"]
        if not texts:
            return np.empty((0, 0), np.float32)
        found: dict[Text, Array] = {}
        if questions:
            vectors = self.centring.apply(self.encoder.encode_queries(questions, progress), questions, "query")
            found |= {Text("question", text): vector for text, vector in zip(questions, vectors, strict=True)}
        if answers:
            vectors = self.centring.apply(self.encoder.encode_documents(answers, progress), answers, "document")
            found |= {Text("answer", text): vector for text, vector in zip(answers, vectors, strict=True)}
        return np.stack([found[text] for text in texts])

    def search(self, vector: Array, limit: int) -> dict[str, Similarity]:
        """Return the entries near a message's vector, nearest first.

        Args:
            vector: the message's, (dimensions,), centred.
            limit: how many texts to look at; an entry whose question or answer is not among them gets the farthest cosine seen.

        Raises:
            StorageError: the Chroma server does not answer.
        """
        return similarities(self.nearest(vector, limit), self.owners)

    def nearest(self, vector: Array, limit: int) -> list[tuple[str, float]]:
        """The ids of the texts nearest to a vector, with their cosines, nearest first; arguments and errors as above."""
        with _absence_told():
            result = self.collection.query(
                query_embeddings=vector[np.newaxis].astype(np.float32), n_results=limit, include=["distances"]
            )  # reading metadata would take longer than searching
        if not result["distances"]:
            return []
        return [(text_id, 1.0 - distance) for text_id, distance in zip(result["ids"][0], result["distances"][0], strict=True)]

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

    def _delete(self, text_ids: Sequence[str]) -> None:
        with _absence_told():
            for start in range(0, len(text_ids), BATCH):
                self.collection.delete(ids=list(text_ids[start : start + BATCH]))


def similarities(nearest: Sequence[tuple[str, float]], owners: TextOwners) -> dict[str, Similarity]:
    """How near entries are, nearest first.

    Args:
        nearest: ids of texts with their cosines, nearest first.
        owners: of the texts.
    """
    if not nearest:
        return {}
    farthest = nearest[-1][1]
    best: dict[str, dict[str, float]] = {}
    languages: dict[str, str] = {}
    for text_id, cosine in nearest:
        for entry, language in owners.of(text_id):
            languages.setdefault(entry, language)
            best.setdefault(entry, {}).setdefault(text_id.partition("-")[0], cosine)
    return {
        entry: Similarity(found.get("question", farthest), found.get("answer", farthest), languages[entry]) for entry, found in best.items()
    }


@contextmanager
def _absence_told() -> Iterator[None]:
    """Say what to do where a server is not there."""
    try:
        yield
    except httpx.HTTPError as error:
        raise StorageError(f"The Chroma server does not answer ({error}). Check that it runs at FRONTDESK_CHROMA_URL.") from error
