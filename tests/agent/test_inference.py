import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agent import inference
from agent.agent import CustomerServiceAgent
from agent.conversation import RouteKind
from agent.errors import BusyError
from agent.inference import InferenceThread
from agent.texts import say
from knowledge_base.encoder import TextEncoder

TEXTS = ["where is my parcel?", "退款多久到账", "can I pay with two gift cards at once, and what if one of them runs out?", "hi"]


def test_what_is_asked_at_once_is_answered_as_if_asked_alone(encoder: TextEncoder) -> None:
    models = InferenceThread(encoder, None)
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda place: models.read([TEXTS[place % 4], TEXTS[(place + 1) % 4]]), range(48)))
    alone = encoder.encode_queries(TEXTS)
    for place, ((first, _), (second, _)) in enumerate(answers):
        np.testing.assert_allclose(first, alone[place % 4], atol=1e-5)
        np.testing.assert_allclose(second, alone[(place + 1) % 4], atol=1e-5)


def test_requests_that_wait_share_a_batch(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    models, sizes, first_runs, go_on = InferenceThread(encoder, None), [], threading.Event(), threading.Event()
    embed = encoder.encode_queries

    def watched(texts: list[str]) -> object:
        sizes.append(len(texts))
        first_runs.set()
        go_on.wait(10)
        return embed(texts)

    monkeypatch.setattr(encoder, "encode_queries", watched)
    with ThreadPoolExecutor(8) as callers:
        waiting = [callers.submit(models.read, ["first"])]
        first_runs.wait(10)
        waiting += [callers.submit(models.read, [text]) for text in TEXTS]
        while len(models._waiting) < len(TEXTS):
            time.sleep(0.005)
        go_on.set()
        for one in waiting:
            one.result(10)
    assert sizes == [1, len(TEXTS)]


def test_an_error_reaches_those_who_wait_and_the_next_request_is_answered(encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    models = InferenceThread(encoder, None)
    with monkeypatch.context() as broken:
        broken.setattr(encoder, "encode_queries", lambda _texts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            models.read(["hi"])
    assert len(models.read(["hi"])) == 1


def test_when_too_many_wait_the_next_is_told_so(
    encoder: TextEncoder, starter_agent: CustomerServiceAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "WAITING", 0)
    with pytest.raises(BusyError):
        InferenceThread(encoder, None).read(["hi"])
    conversation = starter_agent.log.start("busy")
    turn = starter_agent.reply(conversation, "标准配送要几天？")
    assert turn.reply is not None
    assert (turn.reply.route, turn.reply.text) == (RouteKind.CLARIFY, say("busy", "zh"))
    assert [one.message for one in starter_agent.log.turns(conversation.id)] == ["标准配送要几天？"]
