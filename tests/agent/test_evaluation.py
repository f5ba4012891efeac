import csv
from pathlib import Path

from agent.conversation import RouteKind
from agent.evaluation import Outcome, summarise, summarise_dialogues, write_rows
from agent.utterances import Utterance


def outcome(
    language: str, intent: str, faq: str | None, predicted: str | None, route: RouteKind, *ranked: str, sends: bool = False
) -> Outcome:
    row = Utterance("some, text", language, intent, faq)
    return Outcome(row, predicted, route, ranked[:1] if sends else (), ranked, 0.5, None if predicted is None else 0.25)


OUTCOMES = [
    outcome("en", "refund_status", "refund-time", "refund_status", RouteKind.ANSWER, "refund-time", "fees", sends=True),
    outcome("en", "refund_status", "refund-time", "invoice", RouteKind.ANSWER, "invoice-get", "fees", "refund-time", sends=True),
    outcome("en", "refund_status", "refund-time", "refund_status", RouteKind.CLARIFY, "a", "b", "c", "refund-time"),
    outcome("en", "greeting", None, "greeting", RouteKind.SOCIAL),
    outcome("en", "oos", None, "oos", RouteKind.DECLINE, "a"),
    outcome("en", "oos", None, "invoice", RouteKind.ANSWER, "invoice-get", sends=True),
    outcome("zh", "refund_status", "refund-time", "refund_status", RouteKind.DECLINE, "refund-time"),
    outcome("mixed", "refund_status", "refund-time", "refund_status", RouteKind.ANSWER, "refund-time", sends=True),
]


def test_rates_by_hand() -> None:
    assert summarise(OUTCOMES) == {
        "n": 8,
        "intent_accuracy": {"en": 0.6667, "zh": 1.0, "all": 0.75},
        "faq_recall": {"1": {"en": 0.3333, "zh": 1.0, "all": 0.6}, "3": {"en": 0.6667, "zh": 1.0, "all": 0.8}},
        "out_of_scope_rejected": {"en": 0.5, "zh": None, "all": 0.5},
        "in_scope_rejected": {"en": 0.0, "zh": 1.0, "all": 0.1667},
        "answerable_rejected": {"en": 0.0, "zh": 1.0, "all": 0.2},
        "in_scope_clarified": {"en": 0.25, "zh": 0.0, "all": 0.1667},
        "answered_correctly": {"en": 0.3333, "zh": 0.0, "all": 0.4},
        "both_answered": {"en": None, "zh": None, "all": None},
    }


def test_two_questions_are_judged_apart() -> None:
    both = Utterance("some, text", "en", "refund_status invoice", "refund-time invoice-get")
    right = Outcome(both, "refund_status", RouteKind.ANSWER, ("invoice-get", "refund-time"), ("refund-time",), 0.9, 0.1)
    half = Outcome(both, "refund_status", RouteKind.ANSWER, ("refund-time",), ("refund-time",), 0.9, 0.1)
    summary = summarise([*OUTCOMES, right, half])
    assert summary["both_answered"] == {"en": 0.5, "zh": None, "all": 0.5}
    assert summary["answered_correctly"] == {"en": 0.4, "zh": 0.0, "all": 0.4286}
    assert summary["faq_recall"] == summarise(OUTCOMES)["faq_recall"]
    assert summary["intent_accuracy"] == summarise(OUTCOMES)["intent_accuracy"]


def turn(dialogue: str, kind: str, faq: str | None, *sent: str, route: RouteKind = RouteKind.ANSWER, intent: str = "x") -> Outcome:
    return Outcome(Utterance("?", "en", intent, faq, dialogue, kind), intent, route, sent, sent, 0.5, 0.1)


def test_a_dialogue_is_right_if_every_turn_is() -> None:
    turns = [
        turn("a", "opening", "fees", "fees"),
        turn("a", "follow_up", "slots", "slots"),
        turn("a", "social", None, route=RouteKind.SOCIAL, intent="thanks"),
        turn("b", "opening", "fees", "fees"),
        turn("b", "new_topic", "slots", "slots", "fees"),
        turn("c", "opening", None, route=RouteKind.DECLINE, intent="oos"),
        turn("c", "new_topic", None, route=RouteKind.SOCIAL, intent="oos"),
    ]
    summary = summarise_dialogues(turns)
    assert summary["n"] == 3
    assert summary["right_at_every_turn"] == {"en": 0.3333, "zh": None, "all": 0.3333}
    assert summary["turns_right"] == {"en": 0.7143, "zh": None, "all": 0.7143}
    assert summary["by_kind"]["new_topic"] == {"en": 0.0, "zh": None, "all": 0.0}  # type: ignore[index]


def test_nothing_has_no_rates() -> None:
    assert summarise([])["intent_accuracy"] == {"en": None, "zh": None, "all": None}


def test_rows_are_written_as_csv(tmp_path: Path) -> None:
    write_rows([OUTCOMES[2], outcome("zh", "oos", None, None, RouteKind.DECLINE)], tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert first == {
        "text": "some, text",
        "language": "en",
        "intent": "refund_status",
        "faq": "refund-time",
        "predicted_intent": "refund_status",
        "route": "clarify",
        "sent": "",
        "ranked": "a b c",
        "probability": "0.5000",
        "out_of_scope": "0.2500",
    }
    assert (second["faq"], second["predicted_intent"], second["out_of_scope"]) == ("", "", "")
