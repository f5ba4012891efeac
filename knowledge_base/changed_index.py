"""The index as it will be once changes of the FAQ are published, to try them out beforehand."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.keywords import KeywordIndex, entry_words
from knowledge_base.onnx_model import Array
from knowledge_base.text_owners import missing_texts
from knowledge_base.vectors import Similarity, VectorIndex, similarities

IN_MEMORY = Path(":memory:")


class ChangedIndex:
    """Searches as the index will once changes are published. The live index is read and stays what it is.

    Args:
        index: the live one.
        changes: by id, an entry as it will be, or None for one that will be archived.

    Attributes:
        encoder: the live index's.
        vectors: of the live index without those of the changed entries, and theirs as they will be.
        keywords: a changed copy in memory.
        spelling: with the words of the new entries.
        entries: what will be found, by id; the live index's clock tells the day.
        intents: that at least one entry will answer.

    Example:
        >>> changed = ChangedIndex(index, {"opening-hours": None})
        >>> "opening-hours" in changed.keywords.search("when are you open?", 40)
        False
    """

    def __init__(self, index: FAQIndex, changes: Mapping[str, FAQEntry | None]) -> None:
        new = [entry for entry_id in sorted(changes) if (entry := changes[entry_id])]
        held = index.held.replaced(changes, new)
        self.entries, self.intents = held.valid, held.intents
        self.encoder = index.encoder
        self.vectors = _ChangedVectors(index.vectors, changes, new)
        self.keywords = KeywordIndex(IN_MEMORY)
        with index.keywords.lock:
            index.keywords.connection.backup(self.keywords.connection)
        self.keywords.replace(changes, new)
        self.spelling = index.spelling.with_words(entry_words(new))

    def close(self) -> None:
        """Free the copy of the keywords."""
        self.keywords.close()


class _ChangedVectors:
    """Searches as the live vectors will once entries have changed.

    Args:
        live: the vectors.
        changed: the ids of the entries that change.
        new: entries as they will be.
    """

    def __init__(self, live: VectorIndex, changed: Collection[str], new: Sequence[FAQEntry]) -> None:
        self.live, self.owners = live, live.owners.replaced(changed, new)
        self.gone = sum(not self.owners.of(text_id) for text_id in live.owners.texts)
        texts = missing_texts(new, live.owners)
        self.ids, self.rows = list(texts), live.embed(list(texts.values()))

    def search(self, vector: Array, limit: int) -> dict[str, Similarity]:
        """As `VectorIndex.search`."""
        found = [pair for pair in self.live.nearest(vector, limit + self.gone) if self.owners.of(pair[0])]
        if self.ids:
            found += zip(self.ids, (self.rows @ vector).tolist(), strict=True)
        return similarities(sorted(found, key=lambda pair: -pair[1])[:limit], self.owners)
