"""Who works during a soak: somebody who answers customers, and a curator who changes the FAQ. Each in a thread of its own."""

import threading
import time
from abc import ABC, abstractmethod

import httpx

from agent.handover.desk import Desk
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State
from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from ui.soak.records import Record

TALK_S = 4.0  # from a person's first words to their last ones
PUBLISH_EVERY_S = 10.0
FOUND_WITHIN_S = 30.0


class Worker(threading.Thread, ABC):
    """Does something every so often until it is told to stop.

    Attributes:
        records: what was measured; what failed is among it.
    """

    every_s = 1.0

    def __init__(self) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self.records: list[Record] = []
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Work."""
        while not self._stop_asked.wait(self.every_s):
            try:
                self.work()
            except Exception as error:  # noqa: BLE001 - the soak tells about it, and goes on
                self.records.append(Record(time.time(), self.name, 0.0, repr(error)))

    def end(self) -> None:
        """Finish what is being done, and stop."""
        self._stop_asked.set()
        self.join()

    @abstractmethod
    def work(self) -> None:
        """What is done each time."""


class Answering(Worker):
    """Takes every conversation that waits, says something, and a little later takes leave.

    Args:
        database: the service's.
        name: of who answers.
    """

    def __init__(self, database: Database, name: str = "lin") -> None:
        super().__init__()
        self.desk, self.person = Desk(database), name
        self._since: dict[str, float] = {}
        self.answered = 0

    def work(self) -> None:
        """Look at everything that was handed over."""
        for one in self.desk.handed_over():
            if one.person is None:
                self.desk.take(one.conversation_id, self.person)
                self.desk.say(one.conversation_id, self.person, "Good morning, I have your conversation in front of me.")
                self._since[one.conversation_id] = time.monotonic()
            elif time.monotonic() - self._since.get(one.conversation_id, 0.0) > TALK_S:
                self.desk.say(one.conversation_id, self.person, "That is done. 祝您愉快！")
                self.desk.close(one.conversation_id, self.person)
                self._since.pop(one.conversation_id, None)
                self.answered += 1


class Curating(Worker):
    """Publishes an entry, waits until customers find it, changes it, and takes it back.

    Args:
        database: the service's.
        url: the service's.
        key: a portal's.
    """

    every_s = PUBLISH_EVERY_S

    def __init__(self, database: Database, url: str, key: str) -> None:
        super().__init__()
        self.curation = Curation(database)
        self.client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        self.published = 0

    def work(self) -> None:
        """One entry's life."""
        self.published += 1
        entry_id, question = f"soak-{self.published}", f"Do you sell lantern model {self.published:04d}?"
        self._publish(FAQEntry(entry_id, {"en": EntryVariant("en", (question,), "Yes, in **blue**.")}))
        self._wait_until_found(entry_id, question)
        self._publish(FAQEntry(entry_id, {"en": EntryVariant("en", (question, "Is there a lantern?"), "Yes, in **green**.")}))
        self.curation.move({entry_id: self.curation.heads([entry_id])[entry_id].number}, State.ARCHIVED, "cara")

    def _publish(self, entry: FAQEntry) -> None:
        began = time.perf_counter()
        self.curation.publish_all([entry], "cara")
        self.records.append(Record(time.time(), "publishing an entry", 1000 * (time.perf_counter() - began)))

    def _wait_until_found(self, entry_id: str, question: str) -> None:
        began = time.perf_counter()
        while time.perf_counter() - began < FOUND_WITHIN_S:
            response = self.client.get("/v1/faq/search", params={"q": question}).raise_for_status()
            if any(found["id"] == entry_id for found in response.json()):
                self.records.append(Record(time.time(), "from published to found", 1000 * (time.perf_counter() - began)))
                return
            time.sleep(0.05)
        raise TimeoutError(f"{entry_id} was not found within {FOUND_WITHIN_S:.0f} seconds.")
