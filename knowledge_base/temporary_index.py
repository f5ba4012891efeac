"""An index that lives as long as a piece of work needs it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.progress import Progress, silent
from knowledge_base.repository import FAQRepository


@contextmanager
def temporary_index(encoder: TextEncoder, entries: Sequence[FAQEntry], progress: Progress = silent) -> Iterator[FAQIndex]:
    """An index of these entries, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/entries.db")
        repository = FAQRepository(database)
        repository.put(entries)
        index = FAQIndex(Path(folder) / "index", repository, encoder, progress)
        try:
            yield index
        finally:
            index.close()
            database.close()
