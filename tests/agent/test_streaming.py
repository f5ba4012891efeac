"""Replies as they are written: in pieces, stopped, and over real HTTP."""

import contextlib
from collections.abc import Generator

import pytest

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.conversation import Turn
from agent.generation import CircuitBreaker, OpenAIModel
from agent.grounding import GroundingCheck
from agent.prompting import ALL_FREE, Depth
from tests.agent.scripted_model import ScriptedModel, composing_agent, words_of
from tests.fake_openai_server import Answer, serve

DELIVERY = "How long does standard delivery take?"
FIRST, SECOND = "Standard delivery takes 3-5 business days in the mainland.", "For remote regions, please allow 5-8 business days."


def collected(pieces: Generator[str, None, Turn]) -> tuple[list[str], Turn]:
    """The pieces that show something, and the turn."""
    shown: list[str] = []
    while True:
        try:
            piece = next(pieces)
        except StopIteration as end:
            return shown, end.value
        if piece:
            shown.append(piece)


def test_pieces_are_shown_as_they_pass_and_the_whole_is_logged(
    starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck
) -> None:
    model = ScriptedModel(*words_of(f"Thanks for asking! {FIRST} [1] {SECOND} [1]"))
    agent = composing_agent(starter_agent, Composer(model, grounding_check, ALL_FREE))
    conversation = agent.log.start("someone")
    shown, turn = collected(agent.stream(conversation, DELIVERY))
    assert shown == [f"Thanks for asking! {FIRST}", f" {SECOND}"]
    assert turn.reply is not None
    assert (turn.reply.text, turn.reply.composed, turn.reply.stopped) == ("".join(shown), True, False)
    assert [one.supported for one in turn.reply.checked] == [True, True, True]
    assert agent.log.turns(conversation.id) == [turn]


def test_a_stopped_reply_is_logged_as_it_was_shown(starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck) -> None:
    model = ScriptedModel(*words_of(f"{FIRST} [1] " + f"{SECOND} [1] " * 30))
    agent = composing_agent(starter_agent, Composer(model, grounding_check, ALL_FREE))
    conversation = agent.log.start("someone")
    pieces = agent.stream(conversation, DELIVERY)
    while not next(pieces):
        pass
    said = model.said
    pieces.close()
    (turn,) = agent.log.turns(conversation.id)
    assert turn.reply is not None
    assert (turn.reply.text, turn.reply.stopped, turn.reply.sources[0].id) == (FIRST, True, "delivery-standard")
    assert model.said == said


def test_a_reply_that_is_stopped_before_it_begins_is_logged_too(
    starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck
) -> None:
    agent = composing_agent(starter_agent, Composer(ScriptedModel(*words_of("well " * 50)), grounding_check, ALL_FREE))
    conversation = agent.log.start("someone")
    with contextlib.closing(agent.stream(conversation, DELIVERY)) as pieces:
        assert next(pieces) == ""
    (turn,) = agent.log.turns(conversation.id)
    assert turn.reply is not None
    assert (turn.reply.text, turn.reply.composed, turn.reply.sources) == ("Stopped.", False, ())


def test_two_questions_get_one_reply(starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck) -> None:
    agent = composing_agent(starter_agent, Composer(ScriptedModel("[1.1] [2.1]"), grounding_check, {"en": Depth.WOVEN}))
    reply = agent.ask("How long does standard delivery take? And how do I get an invoice?")
    assert len(reply.sources) == 2
    assert reply.text.startswith(FIRST)
    assert "**" not in reply.text.partition("\n")[0] or reply.composed


def test_traditional_characters_stay_so(starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck) -> None:
    agent = composing_agent(starter_agent, Composer(ScriptedModel("x"), grounding_check, {"zh": Depth.OPENED}))
    conversation = agent.log.start("someone")
    shown, turn = collected(agent.stream(conversation, "請問標準配送要多久？"))
    assert turn.reply is not None
    assert "".join(shown) == turn.reply.text
    assert turn.reply.text.startswith("您好，感謝您的諮詢。")


@pytest.mark.parametrize(
    ("answer", "composed"),
    [
        (Answer([f"Thanks for asking! {FIRST} [1]", f" {SECOND} [1]"]), True),
        (Answer([f"{FIRST} [1] For", " rem"], cut="early"), True),
        (Answer([f"{FIRST} [1] For", " rem"], cut="connection"), True),
        (Answer(["Standard", " delivery"], pause_s=5), False),
        (Answer(status=401), False),
        (Answer(["It takes 2 days."]), False),
    ],
)
def test_a_server_that_fails_never_leaves_a_customer_without_an_answer(
    starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck, answer: Answer, composed: bool
) -> None:
    with serve() as server:
        server.script.append(answer)
        model = CircuitBreaker(OpenAIModel(server.base_url, "m", "", connect_timeout_s=2, read_timeout_s=2))
        agent = composing_agent(starter_agent, Composer(model, grounding_check, ALL_FREE, deadline_s=3))
        reply = agent.ask(DELIVERY)
    assert reply.composed is composed
    assert FIRST in reply.text
    assert reply.sources[0].id == "delivery-standard"
    assert server.requests[0]["body"]["messages"][0]["role"] == "system"
