"""Turns and what happened beside them, in the order in which they are shown."""

from datetime import UTC, datetime, timedelta

from agent.conversation import Reply, RouteKind, Turn
from agent.handover.events import Event, EventKind
from agent.language import Language
from ui.timeline import Timeline

PATIENCE_S = 28.0


def shown(timeline: Timeline) -> list[str]:
    """The messages' HTML, behind whose they are."""
    return [f"{message.role}: {part.text}" for message in timeline.messages for part in message.content if part.type == "text"]


def timeline(turns: list[Turn], events: list[Event] | None = None) -> Timeline:
    return Timeline(turns, events or [], PATIENCE_S, Language("en"))


def test_every_turn_is_two_messages_and_only_the_last_offers_questions() -> None:
    messages = timeline([turn(1, suggestions=("a",)), turn(2, suggestions=("b", "c"))]).messages
    assert [message.role for message in messages] == ["user", "assistant"] * 2
    assert [option["value"] for message in messages for option in message.options or []] == ["b", "c"]


def test_a_message_without_a_reply_is_awaited_and_then_given_up() -> None:
    assert "is writing" in shown(timeline([turn(1, text=None)]))[1]
    assert "没有得到回复" in shown(timeline([turn(1, text=None, at_s=-PATIENCE_S - 1, message="退货要多久")]))[1]


def test_a_message_is_not_awaited_once_a_later_one_is_answered() -> None:
    messages = shown(timeline([turn(1, text=None), turn(2), turn(3, text=None)]))
    assert "did not get an answer" in messages[1]
    assert "is writing" in messages[5]


def test_a_persons_words_stand_where_they_were_said() -> None:
    events = [
        event(1, EventKind.QUEUED, 1),
        event(2, EventKind.TAKEN, 2),
        event(3, EventKind.MESSAGE, 3, "Good morning <b>!"),
        event(4, EventKind.RESOLUTION, 4, "yes"),
        event(5, EventKind.CLOSED, 9),
    ]
    conversation = timeline([turn(1), turn(2, at_s=5, route=RouteKind.PERSON, text="")], events)
    messages = shown(conversation)
    assert [one.partition(":")[0] for one in messages] == ["user", "assistant", "assistant", "assistant", "user", "assistant"]
    assert "lin has joined" in messages[2]
    assert "Good morning &lt;b&gt;!" in messages[3]
    assert "lin has ended this conversation" in messages[5]
    assert not any(message.options for message in conversation.messages)


def test_feedback_belongs_to_the_reply_that_was_rated() -> None:
    turns = [turn(1, feedback=1), turn(2, at_s=5, feedback=-1), turn(3, at_s=6)]
    conversation = timeline(turns, [event(1, EventKind.MESSAGE, 2, "hello")])
    assert conversation.thumbs == ["Like", None, "Dislike", None]
    assert [found.id if (found := conversation.turn_at(place)) else None for place in range(8)] == [None, 1, None, None, 2, None, 3, None]
    assert conversation.turn_at([1, 2]) is None


def turn(
    number: int,
    text: str | None = "30 days.",
    *,
    at_s: float = 0.0,
    message: str = "how long?",
    suggestions: tuple[str, ...] = (),
    route: RouteKind = RouteKind.ANSWER,
    feedback: int | None = None,
) -> Turn:
    reply = None if text is None else Reply(text, "en", route, None, (), suggestions, False, False, "r", {})
    return Turn(number, message, reply, feedback, datetime.now(UTC) + timedelta(seconds=at_s))


def event(number: int, kind: EventKind, at_s: float, text: str = "") -> Event:
    return Event(number, "c", datetime.now(UTC) + timedelta(seconds=at_s), kind, "lin", text)
