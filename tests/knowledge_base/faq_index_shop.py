"""Small shops with an index, for the tests of the index."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from knowledge_base.cohort import Cohort
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.fusion import Fusion
from knowledge_base.index import FAQIndex
from knowledge_base.progress import Progress, silent
from knowledge_base.repository import FAQRepository
from knowledge_base.retrieval import Candidate, Retriever
from knowledge_base.tables import IndexTaskRow, LiveIndexRow


def entry(entry_id: str, **variants: tuple[str, ...]) -> FAQEntry:
    """An entry; each variant is its questions and, last, its answer."""
    return FAQEntry(entry_id, {language: EntryVariant(language, texts[:-1], texts[-1]) for language, texts in variants.items()})


ENTRIES = [
    entry(
        "return",
        en=("How do I return an item?", "I want to send it back", "Print the code and drop the parcel at a pickup point."),
        zh=("怎么申请退货？", "东西不想要了想退掉", "打印退货码，把包裹送到自提点。"),
    ),
    entry("delivery", zh=("多久能送到？", "包裹什么时候到", "三到五个工作日送达。")),
    entry("password", en=("I forgot my password", "I cannot sign in", "Press Forgot password and open the link.")),
    entry("invoice", en=("Where is my invoice?", "It is in My orders."), zh=("怎么开发票？", "在我的订单里下载。")),
    entry("charger", en=("Which charger fits my laptop?", "The charger SKU-77X fits every laptop that we sell.")),
    entry("hours", en=("When are you open?", "Every day."), zh=("客服几点上班？", "每天都在。")),
]
# Chroma keeps up to 1,000 changes in SQLite and writes the graph's files after that.
MANY = [entry(f"product-{i}", en=(*(f"question {j} about product {i}" for j in range(10)), f"This is product {i}.")) for i in range(100)]


CANDLES = entry("candles", en=("Do you sell candles?", "No."))


@dataclass(frozen=True)
class Shop:
    """A folder with a database and an index, and the encoder it is opened with."""

    folder: Path
    encoder: TextEncoder

    @property
    def repository(self) -> FAQRepository:
        """A new one each time, as another process would have it."""
        return FAQRepository(Database(f"sqlite:///{self.folder}/frontdesk.db"))

    def open(self, progress: Progress = silent) -> FAQIndex:
        return FAQIndex(self.folder / "index", self.repository, self.encoder, progress)

    @property
    def index_folders(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "index").iterdir() if path.is_dir())


def build_shop(folder: Path, encoder: TextEncoder, entries: list[FAQEntry]) -> Shop:
    shop = Shop(folder, encoder)
    shop.repository.put(entries)
    shop.open().close()
    return shop


def search(index: FAQIndex, text: str, limit: int = 10) -> list[Candidate]:
    cohort = Cohort({"en": index.encoder.encode_queries(["tell me a joke"]), "zh": index.encoder.encode_queries(["讲个笑话"])})
    return Retriever(index, cohort, Fusion(0.6, 0.3, 0.1)).search(text, limit)


def best(index: FAQIndex, text: str) -> Candidate:
    return search(index, text)[0]


def pending(index: FAQIndex) -> int:
    """How many changes wait for the index."""
    with index.repository.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(IndexTaskRow)).scalar_one()


def live_folder(index: FAQIndex) -> str:
    """The folder that the database points to."""
    with index.repository.database.reading() as connection:
        return connection.execute(select(LiveIndexRow.folder)).scalar_one()


def archive(repository: FAQRepository, entry_id: str) -> None:
    """Have customers not told an entry any more."""
    curation = Curation(repository.database)
    curation.move({entry_id: curation.heads([entry_id])[entry_id].number}, State.ARCHIVED, "tests")
