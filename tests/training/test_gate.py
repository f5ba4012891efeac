"""The promotion gate: its figures by hand, and real releases on the demonstration shop."""

import csv
import json
from pathlib import Path

import pytest

from agent.conversation import RouteKind
from agent.errors import ReleaseError
from agent.evaluation import Outcome
from agent.release import read_release
from agent.utterances import Utterance, read_utterances
from knowledge_base.database import Database
from knowledge_base.repository import FAQRepository
from tests.agent.copied_release import copy_directory, copy_release
from tests.conftest import ROOT
from tests.knowledge_base.faq_index_shop import archive
from training.__main__ import main
from training.gate import Comparison, PromotionError, Tally, compare, difference_interval, judge, read_golden
from training.registry import Registry

COLUMNS = ["text", "language", "intent", "faq"]


def outcomes(*rights: bool, intent: str = "track_order", language: str = "en") -> list[Outcome]:
    row = Utterance("where is it?", language, intent, "track-parcel")
    right = Outcome(row, None, RouteKind.ANSWER, ("track-parcel",), (), 0.5, None)
    wrong = Outcome(row, None, RouteKind.DECLINE, (), (), 0.5, None)
    return [right if one else wrong for one in rights]


def compared(messages: int, lost: int, gained: int, *, spread: bool = False) -> Comparison:
    """A comparison of so many messages; `spread` over so many intents that none is large enough to be judged for itself."""
    before = [True] * lost + [False] * gained + [True] * (messages - lost - gained)
    after = [False] * lost + [True] * gained + [True] * (messages - lost - gained)
    pairs = []
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        intent = f"intent-{number % messages}" if spread else "track_order"
        pairs.append((outcomes(one, intent=intent)[0], outcomes(other, intent=intent)[0]))
    return compare("old", "new", [one for one, _ in pairs], [other for _, other in pairs])


def test_messages_are_counted_by_language_and_intent() -> None:
    before = [*outcomes(True, True, False), *outcomes(True, language="zh"), *outcomes(False, intent="track_order invoice")]
    after = [*outcomes(True, False, True), *outcomes(False, language="zh"), *outcomes(True, intent="track_order invoice")]
    comparison = compare("old", "new", before, after)
    assert comparison.overall == Tally(messages=5, before=0.6, after=0.6, lost=2, gained=2)
    assert comparison.languages == {"en": Tally(4, 0.5, 0.75, 1, 2), "zh": Tally(1, 1.0, 0.0, 1, 0)}
    assert comparison.intents == {"invoice": Tally(1, 0.0, 1.0, 0, 1), "track_order": Tally(5, 0.6, 0.6, 2, 2)}
    assert [(one.before, one.after, one.gained) for one in comparison.differing] == [
        ("track-parcel", "decline", False),
        ("decline", "track-parcel", True),
        ("track-parcel", "decline", False),
        ("decline", "track-parcel", True),
    ]


def test_the_interval_is_that_of_the_resampled_messages() -> None:
    low, high = difference_interval(Tally(messages=400, before=0.9, after=0.9, lost=20, gained=20))
    # 40 messages differ: the difference has a standard deviation of sqrt(40) / 400, and 1.645 of them lie on either side.
    assert low == pytest.approx(-1.645 * 40**0.5 / 400, abs=0.003)
    assert high == pytest.approx(1.645 * 40**0.5 / 400, abs=0.003)
    assert difference_interval(Tally(messages=400, before=0.9, after=0.9, lost=0, gained=0)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("lost", "gained", "passes"),
    [
        (0, 0, True),  # the same
        (0, 9, True),
        (40, 40, True),  # other mistakes, and no more
        (3, 0, True),  # worse, but within what resampling explains: less than 1.5 of 100
        (12, 0, False),
        (25, 15, False),
    ],
)
def test_worse_overall_is_refused(lost: int, gained: int, *, passes: bool) -> None:
    # Every intent has one message, and the language is so large that a tenth of it is not lost.
    verdict = judge(compared(400, lost, gained, spread=True))
    assert verdict.passed is passes
    assert (verdict.candidate, verdict.in_service) == ("new", "old")
    assert bool(verdict.reasons) is not passes
    if not passes:
        assert "Of 400 messages" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("messages", "lost", "gained", "refused"), [(20, 2, 0, False), (20, 3, 0, True), (20, 3, 1, False), (30, 4, 0, True), (19, 9, 0, False)]
)
def test_more_than_a_tenth_of_an_intent_is_not_lost(messages: int, lost: int, gained: int, *, refused: bool) -> None:
    others = [*outcomes(*[False] * 400, intent="other", language="zh")]
    better = [*outcomes(*[True] * 400, intent="other", language="zh")]  # so much better overall that only the intent counts
    before = outcomes(*[True] * lost, *[False] * gained, *[True] * (messages - lost - gained))
    after = outcomes(*[False] * lost, *[True] * gained, *[True] * (messages - lost - gained))
    reasons = judge(compare("old", "new", before + others, after + better)).reasons
    assert [reason.split(" it loses")[0] for reason in reasons] == (["In the intent track_order", "In the language en"] if refused else [])


# --- real releases ---


def write_golden(file: Path, rows: list[Utterance]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([[getattr(row, name) or "" for name in COLUMNS] for row in rows])
    return file


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty messages with one intent, and five others."""
    one_intent = [row for _, row in read_utterances(ROOT / "training/starter/utterances/refund_status.csv") if row.faq][:20]
    others = [row for _, row in read_utterances(ROOT / "training/starter/validation/messages.csv") if row.language == "en"][:5]
    return write_golden(tmp_path_factory.mktemp("golden") / "golden.csv", [*one_intent, *others])


@pytest.fixture(scope="module")
def small_golden(golden: Path) -> Path:
    """Three of them, for the commands."""
    return write_golden(golden.with_name("small.csv"), [row for _, row in read_utterances(golden)][:3])


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("releases")
    copy_release(folder / "equal", "equal")
    copy_release(folder / "worse", "declines everything", answer=1.1, clarify=1.1)
    return {name: folder / name for name in ("equal", "worse")}


@pytest.fixture
def registry(starter_directory: Path, golden: Path, tmp_path: Path) -> Registry:
    """On a shop with the entries that the golden messages need: judging embeds the whole FAQ."""
    directory = copy_directory(starter_directory, tmp_path / "data")
    database = Database(directory.database_url)
    repository = FAQRepository(database)
    for entry_id in {entry.id for entry in repository.all()} - {faq for row in read_golden([golden]) for faq in row.faqs}:
        archive(repository, entry_id)
    database.close()
    return Registry(directory)


def test_an_equal_release_passes_and_is_promoted(registry: Registry, releases: dict[str, Path], golden: Path) -> None:
    old, new = registry.directory.current(), read_release(releases["equal"]).id
    progress: list[int] = []
    verdict = registry.judge(str(releases["equal"]), read_golden([golden]), progress.append)
    assert verdict.passed
    assert verdict.comparison
    assert (verdict.comparison.overall.lost, verdict.comparison.overall.gained, verdict.comparison.interval) == (0, 0, (0.0, 0.0))
    assert verdict.comparison.overall.before > 0.8
    assert sum(progress) == 2 * 25
    assert registry.promote(str(releases["equal"]), verdict).id == new == registry.directory.current()
    change = registry.directory.history()[-1]
    assert (change.release, change.before, change.action, change.reason) == (new, old, "promote", None)
    assert change.gate == json.loads(json.dumps(verdict.comparison.figures()))
    with pytest.raises(ReleaseError, match="in service already"):
        registry.judge(new, read_golden([golden]))


def test_a_worse_release_is_refused_unless_there_is_a_reason(registry: Registry, releases: dict[str, Path], golden: Path) -> None:
    worse, old = str(releases["worse"]), registry.directory.current()
    verdict = registry.judge(worse, read_golden([golden]))
    assert not verdict.passed
    assert [reason.split(" it ")[0] for reason in verdict.reasons] == [
        "Of 25 messages",
        "In the intent refund_status",
        "In the language en",
    ]
    with pytest.raises(PromotionError, match="has not passed the gate"):
        registry.promote(worse, verdict)
    assert registry.directory.current() == old
    assert registry.promote(worse, verdict, " the old one leaks ").id == registry.directory.current()
    change = registry.directory.history()[-1]
    assert (change.reason, change.before) == ("the old one leaks", old)
    assert change.gate
    assert change.gate["overall"]["lost"] >= 20
    assert registry.rollback().id == old


def test_a_refusal_is_printed(
    registry: Registry, releases: dict[str, Path], small_golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, worse = registry.directory.current(), read_release(releases["worse"]).id
    command = ["promote", str(releases["worse"]), "--data-dir", str(registry.directory.path), "--golden", str(small_golden), "--json"]
    assert main([*command, "--override", " "]) == 2
    assert main(command) == 1
    output = capsys.readouterr()
    verdict = json.loads(output.out)
    assert (verdict["promoted"], verdict["passed"], verdict["candidate"], verdict["in_service"]) == (False, False, worse, old)
    assert (verdict["comparison"]["overall"]["lost"], len(verdict["comparison"]["differing"])) == (3, 3)
    assert f"{worse} was not promoted; {old} stays in service" in output.err
    assert registry.directory.current() == old
    assert worse not in registry.directory.release_ids(), "what is refused changes nothing"


def test_without_a_golden_set_it_is_said_where_one_belongs(
    registry: Registry, releases: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for file in registry.directory.golden.glob("*.csv"):
        file.unlink()
    old, arguments = registry.directory.current(), ["--data-dir", str(registry.directory.path)]
    assert main(["promote", str(releases["equal"]), *arguments]) == 1
    assert f"Put CSV files of labelled messages (text,language,intent,faq) into {registry.directory.golden}" in capsys.readouterr().out
    assert main(["compare", old, str(releases["equal"]), *arguments]) == 1
    assert registry.directory.current() == old
    assert main(["promote", str(releases["equal"]), *arguments, "--override", "the first one"]) == 0
    assert "A running service takes it up within seconds." in capsys.readouterr().out
    change = registry.directory.history()[-1]
    assert (change.reason, change.gate) == ("the first one", None)


def test_comparing_shows_what_differs(
    registry: Registry, releases: dict[str, Path], small_golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = registry.directory.current()
    arguments = ["--data-dir", str(registry.directory.path), "--golden", str(small_golden)]
    assert main(["compare", old, str(releases["worse"]), *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in ("all", "en", "refund_status"):
        assert [line.split() for line in lines if line.startswith(f"{name} ")] == [[name, "3", "100.0%", "0.0%", "3", "0"]]
    assert "B is better by -100.0% to -100.0% (paired bootstrap, 5th to 95th percentile)." in lines
    lost = [line for line in lines if line.startswith("lost: ")]
    assert len(lost) == 3
    assert "(refund_status, refund-time): A refund-time, B decline" in lost[0]
    assert registry.directory.current() == old
