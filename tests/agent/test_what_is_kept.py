"""What the log keeps, and what a language model is shown: masked text only, and all of it."""

import contextlib
import sqlite3
from collections.abc import Generator, Sequence

import pytest

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.conversation import RouteKind
from agent.decision import MAX_CHARACTERS
from agent.generation import ChatMessage
from agent.grounding import GroundingCheck
from agent.prompting import ALL_FREE
from tests.agent.scripted_model import composing_agent
from tests.agent.talking import talk


def stored(agent: CustomerServiceAgent) -> str:
    """Everything that the log's tables hold, as text."""
    with contextlib.closing(sqlite3.connect(str(agent.log.database.engine.url.database))) as connection:
        return "\n".join(str(row) for table in ("conversations", "turns") for row in connection.execute(f"SELECT * FROM {table}"))


class Witness:
    """A language model that notes what the log holds, read over a connection of its own, while it writes."""

    name = "witness"

    def __init__(self, database: str) -> None:
        self.database = database
        self.prompted = ""
        self.logged: tuple[str, str | None] = ("", None)

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:  # noqa: ARG002
        self.prompted = "\n".join(message.content for message in messages)
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            self.logged = connection.execute("SELECT message, reply FROM turns ORDER BY id DESC LIMIT 1").fetchone()
        yield "Standard delivery takes "
        yield "3-5 business days in the mainland [1]."


def test_the_message_is_committed_before_its_reply_and_only_masked_text_is_prompted(
    starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck
) -> None:
    witness = Witness(str(starter_agent.log.database.engine.url.database))
    agent = composing_agent(starter_agent, Composer(witness, grounding_check, ALL_FREE))
    (reply,), _ = talk(agent, "How long does standard delivery take? Write to jo.doe@example.com")
    assert witness.logged == ("How long does standard delivery take? Write to [email]", None)
    assert "[email]" in witness.prompted
    assert "jo.doe" not in witness.prompted
    assert (reply.text, reply.composed, reply.sources[0].id) == (
        "Standard delivery takes 3-5 business days in the mainland.",
        True,
        "delivery-standard",
    )


PERSONAL = ["jo.doe@example.com", "13812345678", "138 1234 5678", "6222021234567890128", "4111 1111 1111 1111", "NL20260418-3317"]


@pytest.mark.parametrize("secret", PERSONAL)
@pytest.mark.parametrize("message", ["where is my refund? {}", "{}", "我的订单呢，{}，麻烦看一下", "Hi {} " + "x" * MAX_CHARACTERS])
def test_personal_data_never_reaches_the_log(starter_agent: CustomerServiceAgent, secret: str, message: str) -> None:
    talk(starter_agent, message.format(secret))
    kept = stored(starter_agent)
    assert secret not in kept
    assert secret.replace(" ", "") not in kept


def test_an_order_keeps_one_pseudonym(starter_agent: CustomerServiceAgent) -> None:
    conversation = starter_agent.log.start("a customer")
    turns = [starter_agent.reply(conversation, text) for text in ("where is NL20260418-3317", "订单NL20260418-3317还没到")]
    one, two = (turn.message[turn.message.index("[") : turn.message.index("]")] for turn in turns)
    assert one == two
    assert one.startswith("[order-")


def test_asking_and_understanding_are_not_logged(starter_agent: CustomerServiceAgent) -> None:
    before = stored(starter_agent)
    assert starter_agent.ask("How long does standard delivery take?").route is RouteKind.ANSWER
    (read,) = starter_agent.understand("How long does standard delivery take?")
    assert read.look.prediction
    assert read.route.sent
    assert (read.look.prediction.label, read.route.sent.entry.id) == ("delivery_time", "delivery-standard")
    turn, reply = starter_agent.rehearse("and express?", [])
    assert turn.reply == reply
    assert stored(starter_agent) == before
