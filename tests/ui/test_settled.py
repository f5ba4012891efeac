"""After which replies the customer is asked whether that was it, and what they are told then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import gradio as gr
import pytest

from agent.conversation import Conversation, ConversationState, Reply, RouteKind, Turn
from agent.handover.events import Event, EventKind
from agent.shop import Shop
from ui.settled import SettledLine, Standing, standing

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def conversation(state: ConversationState = ConversationState.BOT) -> Conversation:
    return Conversation("c", state, "title", NOW, resolved=None)


def turn(at_s: float = 0.0, *, route: RouteKind = RouteKind.ANSWER, text: str = "30 days.", language: str = "en", **changes: Any) -> Turn:
    reply = Reply(text, language, route, None, (), (), False, False, "r", {}, **changes)
    return Turn(1, "how long?", reply, None, NOW + timedelta(seconds=at_s))


def said(text: str, at_s: float, kind: EventKind = EventKind.RESOLUTION) -> Event:
    return Event(1, "c", NOW + timedelta(seconds=at_s), kind, "", text)


@pytest.mark.parametrize("route", RouteKind)
def test_only_answers_are_asked_about(route: RouteKind) -> None:
    expected = Standing.ASKED if route is RouteKind.ANSWER else Standing.NONE
    assert standing(conversation(), [turn(route=route)], []) is expected
    assert standing(conversation(), [turn(), turn(5, route=route)], []) is expected


def test_what_the_shops_system_said_is_asked_about_and_what_was_stopped_is_not() -> None:
    assert standing(conversation(), [turn(route=RouteKind.CLARIFY, looked_up=True)], []) is Standing.ASKED
    assert standing(conversation(), [turn(stopped=True)], []) is Standing.NONE
    assert standing(conversation(), [Turn(1, "how long?", None, None, NOW)], []) is Standing.NONE


@pytest.mark.parametrize("state", ConversationState)
def test_nothing_is_asked_while_people_answer(state: ConversationState) -> None:
    assert standing(conversation(state), [turn()], []) is (Standing.ASKED if state is ConversationState.BOT else Standing.NONE)


def test_nothing_is_asked_about_an_answer_after_which_a_person_came() -> None:
    came = [said("", 5, EventKind.TAKEN), said("hello", 6, EventKind.MESSAGE), said("", 7, EventKind.RETURNED)]
    assert standing(conversation(), [turn()], came) is Standing.NONE
    assert standing(conversation(), [turn(), turn(10)], came) is Standing.ASKED


def test_what_was_said_last_counts_and_each_answer_is_asked_about() -> None:
    stands = [standing(conversation(), [turn()], [said("yes", 1), said("no", 2), said("", 3), said("yes", 4)][:n]) for n in range(5)]
    assert stands == [Standing.ASKED, Standing.YES, Standing.NO, Standing.ASKED, Standing.YES]
    assert standing(conversation(), [turn(), turn(5)], [said("yes", 1)]) is Standing.ASKED
    assert standing(conversation(), [], []) is Standing.NONE
    assert standing(None, [], []) is Standing.NONE


@pytest.mark.parametrize(
    ("language", "text", "texts"),
    [
        (
            "en",
            "30 days.",
            ["Did that settle it?", "Yes", "Not yet", "Good to know", "reach our team by phone on 123", "Take back"],
        ),
        ("zh", "三十天内都可以。", ["问题解决了吗", "解决了", "还没有", "谢谢您告诉我们", "电话 123", "撤回"]),
        ("zh", "三十天內都可以申請。", ["問題解決了嗎", "解決了", "還沒有", "謝謝您告訴我們", "電話 123", "撤回"]),
    ],
)
def test_the_line_is_in_the_replys_language_and_script(language: str, text: str, texts: list[str]) -> None:
    with gr.Blocks():
        line = SettledLine(Shop(phone="<b>123</b>"))
    shown = ""
    for events in ([], [said("yes", 1)], [said("no", 1)]):
        view = line.view(conversation(), [turn(text=text, language=language)], events)
        shown += str(view[line.parts[0]]) + " ".join(str(view[button].value) for button in line.parts[1:])
    assert [one for one in texts if one.replace("123", "&lt;b&gt;123&lt;/b&gt;") not in shown] == []
