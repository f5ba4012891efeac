import time
from collections.abc import Generator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.composing import Composer, adds_facts
from agent.errors import GenerationError
from agent.generation import ChatMessage
from knowledge_base.entry import EntryVariant

ANSWER = "Standard delivery takes 3-5 business days. Write to help@northlight.example or see https://northlight.example/delivery for more."
EN = EntryVariant("en", ("How long does standard delivery take?",), ANSWER)
ZH = EntryVariant("zh", ("标准配送要多久？",), "标准配送需要 3-5 个工作日，满 99 元包邮。")


class Script:
    """A language model that says what it is told to, and keeps its protocol's promises."""

    name = "script"

    def __init__(self, *pieces: str, error: str = "", pause_s: float = 0.0) -> None:
        self.pieces, self.error, self.pause_s = pieces, error, pause_s
        self.asked: Sequence[ChatMessage] = []

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:  # noqa: ARG002
        self.asked = messages
        for piece in self.pieces:
            time.sleep(min(self.pause_s, max(deadline - time.monotonic(), 0.0)))
            if time.monotonic() >= deadline:
                raise GenerationError("The deadline passed.")
            yield piece
        if self.error:
            raise GenerationError(self.error)


def test_a_good_text_is_sent() -> None:
    model = Script("It takes ", "3-5 business days.\n")
    draft = Composer(model).compose("how long?", EN)
    assert (draft.text, draft.composed) == ("It takes 3-5 business days.", True)
    assert [message.role for message in model.asked] == ["system", "user"]
    assert ANSWER in model.asked[0].content
    assert model.asked[1].content == "how long?"


def test_the_instructions_are_in_the_language_of_the_reply() -> None:
    model = Script("需要 3-5 个工作日。")
    assert Composer(model).compose("多久到", ZH).composed
    assert "中文" in model.asked[0].content


def test_an_answer_with_braces_is_prompted_as_it_stands() -> None:
    model = Script("ok")
    assert Composer(model).compose("?", EntryVariant("en", ("A {title}?",), "Use {answer} and {0}.")).composed
    assert "Use {answer} and {0}." in model.asked[0].content


def test_without_a_model_the_entry_answers() -> None:
    assert Composer().compose("how long?", EN).text == ANSWER


def test_a_language_without_instructions_is_sent_as_it_stands() -> None:
    model = Script("Bonjour")
    draft = Composer(model).compose("?", EntryVariant("fr", ("Quand ?",), "Demain."))
    assert (draft.text, draft.composed, model.asked) == ("Demain.", False, [])


@pytest.mark.parametrize("pieces", [(), ("It takes 3-5 ",)])
def test_an_error_sends_the_entry(pieces: tuple[str, ...]) -> None:
    draft = Composer(Script(*pieces, error="The server is down.")).compose("how long?", EN)
    assert (draft.text, draft.composed) == (ANSWER, False)


@pytest.mark.parametrize("pieces", [("", " ", "\n"), ()])
def test_an_empty_text_sends_the_entry(pieces: tuple[str, ...]) -> None:
    draft = Composer(Script(*pieces)).compose("how long?", EN)
    assert (draft.text, draft.composed) == (ANSWER, False)


def test_a_slow_model_is_given_up_at_the_deadline() -> None:
    model = Script(*["It takes 3-5 business days. "] * 100, pause_s=0.1)
    began = time.monotonic()
    draft = Composer(model, deadline_s=0.5).compose("how long?", EN)
    assert (draft.text, draft.composed) == (ANSWER, False)
    assert time.monotonic() - began < 2.0  # 100 pieces would take 10 s


@pytest.mark.parametrize(
    "invented",
    [
        "It takes 2 business days.",
        "It takes 3-50 business days.",
        "It takes 3.5 business days.",
        "It takes ３-５ to ７ days.",
        "Delivery is free from 100 yuan on.",
        "See https://northlight.example/refunds.",
        "See [this](https://evil.example/delivery).",
        "See http://northlight.example/delivery",
        "See www.evil.example for more.",
        "Write to boss@northlight.example.",
    ],
)
def test_invented_figures_and_links_send_the_entry(invented: str) -> None:
    draft = Composer(Script(invented)).compose("how long?", EN)
    assert (draft.text, draft.composed) == (ANSWER, False)


def test_invented_figures_are_found_in_chinese() -> None:
    assert not Composer(Script("通常 3-5 个工作日，满 199 元包邮。")).compose("多久到", ZH).composed
    assert Composer(Script("通常３-５个工作日，满99元包邮。")).compose("多久到", ZH).composed


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_an_entry_adds_nothing_to_itself(text: str) -> None:
    assert not adds_facts(text, text)
    assert not adds_facts("No figures here.", text)
