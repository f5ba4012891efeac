"""The learning loop: dataset, training, comparison, shadow, gate."""

import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.data_directory import DataDirectory
from agent.errors import DatasetError
from agent.intents import Intent
from agent.release import Release, read_release
from agent.utterances import Utterance, dialogues
from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database
from knowledge_base.encoder import encoder_folder
from knowledge_base.repository import FAQRepository
from training.arguments import FineTuningArguments
from training.datasets.composition import LabelledFiles
from training.datasets.message import DatasetMessage, Origin, Part
from training.datasets.versions import DatasetVersions
from training.gate import Verdict, judge, read_golden
from training.loading import general_release
from training.loop.preparation import Prepared, is_fresh, learned_by, link_entries, own_intents, prepare
from training.loop.reasons import objections_to, reason_of
from training.loop.report import write_loop_report
from training.loop.runs import LoopRun, LoopRuns, Outcome, Step
from training.loop.shadow import Shadow, newest_turn
from training.registry import Registry
from training.release_training import train_release
from training.replay import replayed
from training.review.accepted_intents import AcceptedIntent, AcceptedIntents
from training.review.batch_audit import BatchAudit, audit_batch
from training.review.item import ReviewItem
from training.review.queue import ReviewQueue, key_of

ARGUMENTS = FineTuningArguments(epochs=1, learning_rate=2e-4, replay=40, mixing=0.3)
AUDITED_AGAINST = 20  # messages of each intent and entry

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoopOptions:
    """How the loop is run.

    Attributes:
        author: who wants it.
        arguments: of the fine-tuning.
        shadow_messages: so many live messages are enough.
        shadow_minutes: for so long it waits for them.
        accept_batch: why labels are learned from whatever the audit says of them; it is kept. None to obey it.
    """

    author: str = "program"
    arguments: FineTuningArguments = ARGUMENTS
    shadow_messages: int = 100
    shadow_minutes: float = 30.0
    accept_batch: str | None = None


class LearningLoop:
    """Makes a better release of what people reviewed, and lets it serve if it is better.

    Each step is kept before the next one begins: started anew after an interruption, a run goes on where it was.

    Args:
        directory: the data directory.
        database: its database.
        encoder: the encoder that the settings name.
        options: how.

    Example:
        >>> run = LearningLoop(directory, database, None, LoopOptions(author="lin")).run()
        >>> run.outcome, run.challenger
        (<Outcome.PROMOTED: 'promoted'>, '2026-11-29-ff45c4b7ad')
    """

    def __init__(self, directory: DataDirectory, database: Database, encoder: str | None, options: LoopOptions) -> None:
        self.directory, self.database, self.encoder_name, self.options = directory, database, encoder, options
        self.registry = Registry(directory, encoder)
        self.runs = LoopRuns(database)
        self.datasets = DatasetVersions(database, directory.datasets)
        self.queue = ReviewQueue(database)
        self.accepted = AcceptedIntents(database)

    def run(self, progress: Callable[[Step], object] = lambda _step: None) -> LoopRun:
        """Go through the loop once, or to the end of a run that was interrupted.

        Args:
            progress: told of each step when it begins.

        Returns:
            The run, with its outcome and the report beside it.

        Raises:
            FrontdeskError: a step failed, for example because the disk is full. The run goes on with it the next time.
            DatasetError: there is nothing that could be learned from; the run has ended.
        """
        run = self.runs.unfinished() or self.runs.begin(self.options.author, self.directory.current())
        steps = {
            Step.DATASET: self._freeze,
            Step.TRAINING: self._train,
            Step.COMPARISON: self._compare,
            Step.SHADOW: self._shadow,
            Step.GATE: self._decide,
        }
        try:
            while run.outcome is None:
                progress(run.step)
                logger.info("Run %d: %s ...", run.id, run.step)
                run = steps[run.step](run)
        except DatasetError as error:
            self.runs.end(run, Outcome.FAILED, str(error))
            raise
        shutil.rmtree(self._place(run) / "work", ignore_errors=True)
        if run.outcome is Outcome.PROMOTED:  # the copy among the releases serves
            shutil.rmtree(self._place(run), ignore_errors=True)
        return run

    def _freeze(self, run: LoopRun) -> LoopRun:
        champion = self.registry.find(run.champion)
        reviewed = self.queue.settled()
        accepted = [*self.accepted.all(), *own_intents(reviewed, FAQRepository(self.database).all())]
        link_entries(Curation(self.database), accepted)
        prepared = self._prepared(champion, reviewed, accepted)
        if not prepared.fresh and {intent.id for intent in prepared.intents} == set(champion.intents):
            return self._end(run, Outcome.NOTHING_NEW)
        audit = self._audit(champion, prepared)
        facts: dict[str, Any] = {
            "fresh": len(prepared.fresh),
            "pseudo_confidence": prepared.pseudo_confidence,
            "intents": [asdict(intent) for intent in prepared.intents],
            "new_intents": sorted({intent.id for intent in prepared.intents} - set(champion.intents)),
            "newest_turn": newest_turn(self.database),
            "audit": _audit_facts(audit),
            "accepted_because": self.options.accept_batch,
        }
        if audit and not audit.passed and self.options.accept_batch is None:
            self.queue.ask_again([key_of(issue.text) for issue in audit.issues])
            return self._end(run, Outcome.BATCH_REFUSED, facts)
        dataset = self.datasets.freeze(prepared.messages, run.author)
        return self.runs.advance(run, Step.TRAINING, facts, dataset=dataset.number)

    def _prepared(self, champion: Release, reviewed: Sequence[ReviewItem], accepted: Sequence[AcceptedIntent]) -> Prepared:
        files = LabelledFiles.read(self.directory.utterances, self.directory.validation)
        encoder = self.registry.loader.encoder(champion)
        return prepare(champion, encoder, self.database, files, self._golden(), reviewed, accepted, self.datasets)

    def _audit(self, champion: Release, prepared: Prepared) -> BatchAudit | None:
        """Whether the new labels go together with those that are known; None where there is nothing to hold them against."""
        batch = _labels(message for message in prepared.fresh if message.origin is Origin.REVIEWED)
        fresh = {message.utterance for message in prepared.fresh}
        trusted = [row for row in _labels(prepared.messages) if row not in fresh]
        if not batch or len({row.intent for row in trusted}) < 2:
            return None
        sample = replayed(trusted, (), AUDITED_AGAINST, self.options.arguments.seed)
        return audit_batch(self.registry.loader.encoder(champion).encode_queries, sample, batch)

    def _train(self, run: LoopRun) -> LoopRun:
        folder, champion = self._place(run) / "release", self.registry.find(run.champion)
        dataset = self.datasets.find(run.dataset or 0)
        if not folder.exists():
            messages, learned = self.datasets.load(dataset.number), learned_by(champion, self.datasets)
            training, validation = ([m.utterance for m in messages if m.part is part] for part in (Part.TRAINING, Part.VALIDATION))
            encoder, entries = self.registry.loader.encoder(champion), FAQRepository(self.database).all()
            train_release(
                encoder_folder(self.encoder_name, self.directory.cache),
                encoder,
                training,
                entries,
                [Intent.from_dict(row) for row in run.facts[Step.DATASET]["intents"]],
                self.options.arguments,
                folder,
                self._place(run) / "work",
                validation,
                None if dialogues(training) and entries else general_release(encoder),
                champion if champion.classifier else None,
                champion.classifier.precision if champion.classifier else "int8",
                [m.utterance for m in messages if is_fresh(m, learned)],
                {"number": dataset.number, "sha256": dataset.sha256},
            )
        challenger = read_release(folder)
        return self.runs.advance(run, Step.COMPARISON, {"metrics": challenger.lineage["metrics"]}, challenger=challenger.id)

    def _compare(self, run: LoopRun) -> LoopRun:
        challenger = str(self._place(run) / "release")
        verdict = self.registry.judge(challenger, self._golden())
        recent = [m.utterance for m in self.datasets.load(run.dataset or 0) if m.part is Part.RECENT]
        on_recent = judge(self.registry.compare(verdict.in_service, challenger, recent)) if recent else None
        facts = {"golden": verdict.figures(), "recent": on_recent.figures() if on_recent else None}
        return self.runs.advance(run, Step.SHADOW, facts)

    def _shadow(self, run: LoopRun) -> LoopRun:
        with self.registry.trial(str(self._place(run) / "release")) as challenger:
            shadow = Shadow(self.database, challenger, run.id, run.facts[Step.DATASET]["newest_turn"])
            result = shadow.follow(self.options.shadow_messages, self.options.shadow_minutes * 60)
        return self.runs.advance(run, Step.GATE, result.facts())

    def _decide(self, run: LoopRun) -> LoopRun:
        reasons = objections_to(run, "en")
        if not reasons and self.directory.current() != run.challenger:  # otherwise it was interrupted just after that
            verdict = Verdict.from_figures(run.facts[Step.COMPARISON]["golden"])
            self.registry.promote(str(self._place(run) / "release"), verdict)
        outcome = Outcome.KEPT if reasons else Outcome.PROMOTED
        ended = replace(run, outcome=outcome, ended_at=datetime.now(UTC))
        write_loop_report(self.directory.reports, ended, self.datasets.find(run.dataset or 0))
        return self._end(run, outcome, {"reasons": reasons})

    def _end(self, run: LoopRun, outcome: Outcome, facts: dict[str, Any] | None = None) -> LoopRun:
        """End a run, and keep why; what its last step found is part of that."""
        found = run.facts if facts is None else {**run.facts, run.step.value: facts}
        return self.runs.end(run, outcome, reason_of(replace(run, outcome=outcome, facts=found), "en"), facts)

    def _golden(self) -> list[Utterance]:
        return read_golden(sorted(self.directory.golden.glob("*.csv")))

    def _place(self, run: LoopRun) -> Path:
        return self.directory.learning / f"run-{run.id}"


def _labels(messages: Iterable[DatasetMessage]) -> list[Utterance]:
    """Those that stand for themselves and have one label."""
    return [u for m in messages for u in (m.utterance,) if not u.dialogue and " " not in u.intent]


def _audit_facts(audit: BatchAudit | None) -> dict[str, Any] | None:
    """What is kept of an audit: no messages, which may have to be erased."""
    return {name: value for name, value in asdict(audit).items() if name != "issues"} if audit else None
