"""The releases of a data directory: which there are, how they compare, and which one serves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.conversation_log import ConversationLog
from agent.data_directory import DataDirectory
from agent.errors import ReleaseError
from agent.evaluation import Outcome, evaluate, evaluate_dialogues
from agent.privacy import Masker
from agent.release import Release, read_release
from agent.release_history import periods, served_before
from agent.release_loader import ReleaseLoader
from agent.shop import read_shop
from agent.utterances import Utterance, dialogues
from knowledge_base.database import Database
from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.repository import FAQRepository
from knowledge_base.temporary_index import temporary_index
from training.datasets.versions import DatasetVersions, dataset_numbers
from training.gate import Comparison, PromotionError, Verdict, compare, judge, unjudged

Progress = Callable[[int], object]
GOLDEN_WANTED = "Put CSV files of labelled messages (text,language,intent,faq) into {}, or name files with --golden."


@dataclass(frozen=True)
class Version:
    """A release of the data directory.

    Attributes:
        id: its name.
        created: when it was made, UTC, ISO 8601.
        encoder: the fingerprint of the encoder that it was learned with.
        examples: how many there were, by part.
        metrics: of its making.
        in_service: whether it is now.
        served: when it was: from and until, None for until now. Empty for one that was never, or before there was a history.
        forgotten: how many of the messages that it has learned, or a release it goes on from, were forgotten with their customers since.
        problem: why it cannot be read, where it cannot; nothing else is known of it then.
    """

    id: str
    created: str | None
    encoder: str | None
    examples: Mapping[str, int]
    metrics: Mapping[str, Any]
    in_service: bool
    served: list[tuple[str, str | None]]
    forgotten: int = 0
    problem: str | None = None


class Registry:
    """Knows the releases of a data directory, promotes them and rolls back; a running service takes the change up by itself.

    Args:
        directory: the data directory.
        encoder: the encoder that the settings name, see `load_encoder`.

    Example:
        >>> registry = Registry(DataDirectory(Path("data")))
        >>> verdict = registry.judge("my-release", read_golden(files))
        >>> registry.promote("my-release", verdict).id
        '2026-11-25-ff45c4b7ad'
        >>> registry.rollback().id
        '2026-11-20-1eb03906d4'
    """

    def __init__(self, directory: DataDirectory, encoder: str | None = None) -> None:
        directory.require()
        self.directory, self.loader = directory, ReleaseLoader(encoder, directory.cache)

    def versions(self) -> list[Version]:
        """Every release, the oldest first."""
        current, history, forgotten = self.directory.current(), self.directory.history(), self._forgotten()
        found = []
        for name in self.directory.release_ids():
            in_service, served = name == current, periods(history, name)
            try:
                release = self.directory.release(name)
            except ReleaseError as error:
                found.append(Version(name, None, None, {}, {}, in_service, served, problem=str(error)))
                continue
            lineage = release.lineage
            examples, metrics = lineage.get("examples", {}), lineage.get("metrics", {})
            lost = sum(forgotten.get(number, 0) for number in dataset_numbers(lineage))
            found.append(Version(name, lineage["created"], release.encoder_fingerprint, examples, metrics, in_service, served, lost))
        return sorted(found, key=lambda version: version.created or "")

    def find(self, name: str) -> Release:
        """Read a release: one of the data directory by its id, or any folder.

        Raises:
            ReleaseError: there is none, or it is damaged.
        """
        if name in self.directory.release_ids():
            return self.directory.release(name)
        if Path(name).is_dir():
            return read_release(Path(name))
        known = ", ".join(self.directory.release_ids())
        raise ReleaseError(f"{name} is no folder and no release in {self.directory.path}. Name a folder, or one of {known}.")

    def judge(self, name: str, golden: Sequence[Utterance], progress: Progress = lambda _done: None) -> Verdict:
        """Judge a release, an id or a folder, against the one in service; arguments as in `compare`.

        Raises:
            ReleaseError: it is damaged, cannot be loaded here, or is in service already.
        """
        candidate, current = self.find(name), self.directory.current()
        if candidate.id == current:
            raise ReleaseError(f"Release {current} is in service already; there is nothing to judge.")
        if not golden:
            return unjudged(candidate.id, current, f"there is no golden set. {GOLDEN_WANTED.format(self.directory.golden)}")
        try:
            in_service = self.directory.release()
        except ReleaseError as error:
            return unjudged(candidate.id, current, f"the release in service is damaged. {error}")
        return judge(self._compared(in_service, candidate, golden, progress))

    def promote(self, name: str, verdict: Verdict | None = None, override: str | None = None) -> Release:
        """Bring a release, an id or a folder, into service; a folder is copied in first.

        Args:
            name: the release.
            verdict: the gate's, on this release.
            override: a reason to promote it whatever the verdict is; it is kept in the history.

        Returns:
            The release in service now.

        Raises:
            PromotionError: the verdict is not for it, and there is no reason to override it.
            ReleaseError: the release is damaged, cannot be loaded here or is in service already, or another one than it was judged
                against is in service by now.
        """
        release = self.find(name)
        reason = (override or "").strip() or None
        if reason is None and not (verdict and verdict.passed and verdict.candidate == release.id):
            raise PromotionError(f"Release {release.id} was not promoted: it has not passed the gate.")
        if verdict is None or verdict.comparison is None:  # judging would have loaded it
            self.loader.encoder(release)
            self.loader.classifier(release)
        kept = self.directory.add_release(release.folder)
        self.directory.serve_with(
            kept.id,
            "promote",
            instead_of=verdict.in_service if verdict and reason is None else None,
            reason=reason,
            gate=verdict.comparison.figures() if verdict and verdict.comparison else None,
        )
        return kept

    def rollback(self) -> Release:
        """Return to the release that served before; a second rollback goes back one further.

        Returns:
            The release in service now.

        Raises:
            ReleaseError: no other one served before, or that one is damaged.
        """
        current = self.directory.current()
        before = served_before(self.directory.history(), current)
        if before is None:
            raise ReleaseError(f"There is nothing to roll back to: no other release served before {current}. Promote one instead.")
        self.directory.serve_with(before, "rollback", instead_of=current)
        return self.directory.release(before)

    def compare(self, a: str, b: str, golden: Sequence[Utterance], progress: Progress = lambda _done: None) -> Comparison:
        """Compare two releases, ids or folders, on golden messages, with the FAQ as it is.

        Args:
            a: the first.
            b: the second.
            golden: labelled messages, at least one.
            progress: called with the number of messages done, each message twice.

        Raises:
            FrontdeskError: a release cannot be read or loaded.
        """
        return self._compared(self.find(a), self.find(b), golden, progress)

    def _compared(self, before: Release, after: Release, golden: Sequence[Utterance], progress: Progress) -> Comparison:
        entries = self._entries()
        with ExitStack() as stack:
            index = self._temporary_index(before, entries, stack)
            first = self._outcomes(before, index, golden, progress)
            if after.encoder_fingerprint != before.encoder_fingerprint:
                index = self._temporary_index(after, entries, stack)
            return compare(before.id, after.id, first, self._outcomes(after, index, golden, progress))

    def _temporary_index(self, release: Release, entries: Sequence[FAQEntry], stack: ExitStack) -> FAQIndex:
        """An index beside the live one, which the service owns."""
        return stack.enter_context(temporary_index(self.loader.encoder(release), entries))

    @contextmanager
    def trial(self, name: str) -> Iterator[CustomerServiceAgent]:
        """An agent of a release, an id or a folder, with the FAQ as it is, beside the live index and log.

        Raises:
            FrontdeskError: the release cannot be read or loaded.
        """
        release = self.find(name)
        with ExitStack() as stack:
            yield self._agent(release, self._temporary_index(release, self._entries(), stack))

    def _forgotten(self) -> dict[int, int]:
        """How many messages of each frozen dataset were forgotten since."""
        database = Database(self.directory.database_url)
        try:
            return {dataset.number: dataset.erased for dataset in DatasetVersions(database, self.directory.datasets).all()}
        finally:
            database.close()

    def _entries(self) -> list[FAQEntry]:
        database = Database(self.directory.database_url)
        try:
            return FAQRepository(database).all()
        finally:
            database.close()

    def _agent(self, release: Release, index: FAQIndex) -> CustomerServiceAgent:
        return CustomerServiceAgent(
            release,
            self.loader.classifier(release),
            release.retriever(index),
            Composer(),
            Masker(self.directory.pseudonym_key()),
            ConversationLog(index.repository.database),
            read_shop(self.directory.shop),
        )

    def _outcomes(self, release: Release, index: FAQIndex, golden: Sequence[Utterance], progress: Progress) -> list[Outcome]:
        agent = self._agent(release, index)
        alone = evaluate(agent, [row for row in golden if not row.dialogue], progress)
        return alone + evaluate_dialogues(agent, dialogues(golden), progress)
