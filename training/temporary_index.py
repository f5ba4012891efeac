"""An index that lives as long as a piece of training needs it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from knowledge_base.cohort import Cohort
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.repository import FAQRepository
from knowledge_base.retrieval import Retriever


@contextmanager
def temporary_retriever(encoder: TextEncoder, entries: Sequence[FAQEntry], cohort: Cohort) -> Iterator[Retriever]:
    """A retriever over these entries, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/entries.db")
        repository = FAQRepository(database)
        repository.put(entries)
        index = FAQIndex(Path(folder) / "index", repository, encoder)
        try:
            yield Retriever(index, cohort)
        finally:
            index.close()
            database.close()
