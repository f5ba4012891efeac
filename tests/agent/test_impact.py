"""What an impact check foretells is what comes to pass once the changes are published."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import update

from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.conversation import IntentPrediction, RouteKind
from agent.conversation_log import ConversationLog, TurnRow
from agent.errors import BusyError
from agent.impact import Impact, ImpactCheck, Replay, recent_messages
from agent.inference import InferenceThread
from agent.replaying import Outcome
from agent.settings import Settings
from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.onnx_model import Array
from tests.agent.copied_release import copy_directory
from tests.conftest import ROOT
from tests.knowledge_base.faq_index_shop import archive

Changes = Mapping[str, FAQEntry | None]
KINDS = ("an answer", "a question moved", "an entry archived", "an entry new")
MESSAGES = [row["text"] for row in csv.DictReader((ROOT / "training/starter/validation/messages.csv").open(encoding="utf-8"))]
PARKING = FAQEntry(
    "parking",
    {
        "en": EntryVariant("en", ("Where can I park at your shop?", "is there a car park"), "Behind the shop, free for two hours."),
        "zh": EntryVariant("zh", ("你们店可以停车吗？", "停车场在哪"), "店后面有停车场，两小时内免费。"),
    },
)
NOTHING = Outcome(RouteKind.DECLINE, ())


@pytest.fixture
def agent(starter_directory: Path, tmp_path: Path) -> Iterator[CustomerServiceAgent]:
    """An agent on a copy of the demonstration shop, whose FAQ may be changed."""
    agent = open_agent(Settings(data_dir=copy_directory(starter_directory, tmp_path / "data").path))
    yield agent
    agent.retriever.index.close()


def changes_of(kind: str, entries: Mapping[str, FAQEntry]) -> Changes:
    """Changes of the demonstration shop."""
    if kind == "an answer":
        answer = entries["two-factor"].variants["en"].answer + " It takes a minute."
        return {"two-factor": with_variant(entries["two-factor"], "en", answer=answer)}
    if kind == "a question moved":
        title, *moved = entries["parcel-lost"].variants["zh"].questions
        others = entries["track-parcel"].variants["zh"].questions
        return {
            "parcel-lost": with_variant(entries["parcel-lost"], "zh", questions=[title]),
            "track-parcel": with_variant(entries["track-parcel"], "zh", questions=[*others, *moved]),
        }
    return {"coupon-invalid": None} if kind == "an entry archived" else {"parking": PARKING}


def all_changes(kinds: Sequence[str], entries: Mapping[str, FAQEntry]) -> Changes:
    return {entry_id: entry for kind in kinds for entry_id, entry in changes_of(kind, entries).items()}


def with_variant(entry: FAQEntry, language: str, *, questions: Sequence[str] = (), answer: str = "") -> FAQEntry:
    """An entry with other questions, or another answer."""
    variant = entry.variants[language]
    changed = replace(variant, questions=tuple(questions) or variant.questions, answer=answer or variant.answer)
    return replace(entry, variants={**entry.variants, language: changed})


def publish(agent: CustomerServiceAgent, changes: Changes) -> None:
    index = agent.retriever.index
    index.repository.put([entry for entry in changes.values() if entry])
    for entry_id in (entry_id for entry_id, entry in changes.items() if entry is None):
        archive(index.repository, entry_id)
    assert index.refresh() == len(changes)


def replies(agent: CustomerServiceAgent, questions: Sequence[str]) -> dict[str, Outcome]:
    """What customers get."""
    found = {question: agent.ask(question) for question in questions}
    return {question: Outcome(reply.route, tuple(source.id for source in reply.sources)) for question, reply in found.items()}


def assert_foretold(agent: CustomerServiceAgent, changes: Changes, impact: Impact) -> None:
    """Publish, and compare what was foretold with what customers get."""
    questions = [one.question for one in impact.replays]
    assert replies(agent, questions) == {one.question: one.before for one in impact.replays}
    publish(agent, changes)
    assert replies(agent, questions) == {one.question: one.after for one in impact.replays}


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [("a question moved",), KINDS], ids=["one change", "all together"])
def test_what_is_foretold_of_every_question_comes_to_pass(agent: CustomerServiceAgent, kinds: tuple[str, ...]) -> None:
    changes = all_changes(kinds, agent.retriever.index.entries)
    impact = ImpactCheck(agent).of(changes, MESSAGES)
    assert impact.replayed == impact.total > 1500
    assert_foretold(agent, changes, impact)


def test_what_is_foretold_of_several_changes_comes_to_pass(agent: CustomerServiceAgent) -> None:
    changes = all_changes(KINDS, agent.retriever.index.entries)
    impact = ImpactCheck(agent, limit=150).of(changes, MESSAGES[::10])
    assert len(impact.changed) > 10
    assert_foretold(agent, changes, impact)


def test_another_answer_changes_no_decision(starter_agent: CustomerServiceAgent) -> None:
    changes = changes_of("an answer", starter_agent.retriever.index.entries)
    impact = ImpactCheck(starter_agent, limit=60).of(changes)
    assert (impact.changed, impact.astray, impact.lost, impact.won) == ([], [], {}, {})
    assert [one for one in impact.replays if "two-factor" in one.after.sent]


def test_an_archived_entry_loses_its_questions(starter_agent: CustomerServiceAgent) -> None:
    changes = changes_of("an entry archived", starter_agent.retriever.index.entries)
    impact = ImpactCheck(starter_agent, limit=60).of(changes)
    assert len(impact.lost["coupon-invalid"]) > 10
    assert set(impact.no_longer_answered) <= set(impact.lost["coupon-invalid"]) | {one.question for one in impact.changed}
    assert not any("coupon-invalid" in one.after.sent or "coupon-invalid" in one.will_have for one in impact.replays)
    assert not [one for one in impact.astray if one.has_now == {"coupon-invalid"}]  # nobody will have it


def test_a_new_entry_wins_its_questions(starter_agent: CustomerServiceAgent) -> None:
    impact = ImpactCheck(starter_agent, limit=60).of({"parking": PARKING})
    won = impact.won["parking"]
    for variant in PARKING.variants.values():
        assert variant.title in won
        assert variant.title in impact.newly_answered
    assert all(one.will_have == {"parking"} for one in impact.replays if one.question in PARKING.variants["en"].questions)


def test_where_there_are_too_many_questions_those_near_the_change_are_tried(starter_agent: CustomerServiceAgent) -> None:
    entry = starter_agent.retriever.index.entries["gift-card"]
    totals: list[int] = []
    told: list[int] = []

    def progress(total: int, _title: str) -> Callable[[int], object]:
        totals.append(total)
        return told.append

    impact = ImpactCheck(starter_agent, limit=40).of(
        {"gift-card": with_variant(entry, "en", answer="It is valid for a year.")},
        ["my gift card balance", "is it raining"],
        progress,
    )
    questions = [one.question for one in impact.replays]
    assert impact.replayed == len(questions) == len(set(questions)) == 40
    assert impact.total > 900
    assert {text for variant in entry.variants.values() for text in variant.questions} < set(questions)
    assert "my gift card balance" in questions
    assert "is it raining" not in questions
    assert totals == [sum(told)]


def test_nothing_of_what_serves_is_changed(starter_agent: CustomerServiceAgent) -> None:
    index, serving = starter_agent.retriever.index, starter_agent.serving
    entries = dict(index.entries)
    questions = [*entries["coupon-invalid"].variants["zh"].questions, *PARKING.variants["en"].questions]

    def state() -> object:
        held = (index.entries, index.intents, index.spelling, index.name)
        counts = (index.vectors.count(), len(index.vectors.owners), index.keywords.count())
        return held, counts, serving.retriever.index, serving.looker.retriever.index, replies(starter_agent, questions)

    before = state()
    ImpactCheck(starter_agent, limit=20).of({"coupon-invalid": None, "parking": PARKING, "two-factor": entries["two-factor"]})
    assert state() == before
    assert starter_agent.serving is serving
    assert index.entries == entries


def test_customers_come_first(agent: CustomerServiceAgent) -> None:
    class Crowded:
        """An inference thread that has others to attend to first."""

        def __init__(self, inference: InferenceThread) -> None:
            self.inference, self.refused = inference, 0
            self.predict = inference.predict

        def read(self, texts: Sequence[str]) -> list[tuple[Array, IntentPrediction | None]]:
            self.refused += 1
            if self.refused < 3:
                raise BusyError
            return self.inference.read(texts)

    crowded = Crowded(agent.looker.inference)
    agent.looker.inference = cast("InferenceThread", crowded)
    impact = ImpactCheck(agent, limit=5).of({"parking": PARKING})
    assert crowded.refused > 2
    assert "parking" in impact.won


def test_a_question_is_astray_where_it_will_not_find_its_entry() -> None:
    def replay(has_now: str, will_have: str, before: str, after: str) -> Replay:
        outcomes = [Outcome(RouteKind.ANSWER, (sent,)) if sent else NOTHING for sent in (before, after)]
        return Replay("?", frozenset(has_now), frozenset(will_have), *outcomes)

    assert replay("a", "a", "a", "b").is_astray
    assert replay("a", "a", "a", "").is_astray
    assert replay("", "b", "a", "a").is_astray  # a new question that another entry takes
    assert replay("a", "b", "a", "a").is_astray  # moved, but the old entry keeps it
    assert not replay("a", "b", "a", "b").is_astray
    assert not replay("a", "a", "", "").is_astray  # it was so before
    assert not replay("", "", "a", "b").is_astray  # nobody's question
    one, other, third = replay("a", "a", "a", "b"), replay("", "b", "", "b"), replay("a", "", "a", "")
    impact = Impact((one, other, third, replay("c", "c", "c", "c")), 9)
    assert impact.changed == [one, other, third]
    assert impact.astray == [one]
    assert (impact.newly_answered, impact.no_longer_answered) == (["?"], ["?"])
    assert (impact.lost, impact.won) == ({"a": ["?", "?"]}, {"b": ["?", "?"]})
    assert (impact.replayed, impact.total) == (4, 9)


def test_recent_messages_come_once_and_the_newest_first(database_url: str) -> None:
    log = ConversationLog(Database(database_url))
    conversation = log.start("a customer")
    turns = {text: log.add_message(conversation.id, text) for text in ("运费多少", "hello", "where is it", "the oldest")}
    log.add_message(log.start("another").id, "运费多少")
    with log.database.transaction() as connection:
        month_ago = datetime.now(UTC) - timedelta(days=31)
        connection.execute(update(TurnRow).where(TurnRow.id == turns["the oldest"]).values(created_at=month_ago))
    assert recent_messages(log, days=30, limit=10) == ["运费多少", "where is it", "hello"]
    assert recent_messages(log, days=30, limit=2) == ["运费多少", "where is it"]
    assert recent_messages(log, days=40, limit=10)[-1] == "hello"
    assert "the oldest" in recent_messages(log, days=40, limit=10)
