"""What is kept about a customer is given to them, and erased, wherever it is."""

import json
import time
from pathlib import Path

import httpx
import pytest

from agent.conversation import ConversationState
from agent.errors import ErasedError
from tests.ui.api.conftest import Server
from tests.ui.portal import sign
from ui.__main__ import main

WISH = "I want to talk to a person"


def talk(client: httpx.Client, *texts: str) -> str:
    """A conversation with these messages."""
    conversation = str(client.post("/v1/conversations").json()["id"])
    for number, text in enumerate(texts):
        key = {"Idempotency-Key": f"{conversation} {number}"}
        answer = client.post(f"/v1/conversations/{conversation}/messages", json={"text": text}, headers=key)
        assert answer.status_code == 201
    return conversation


def test_a_customer_gets_all_that_is_kept(server: Server, customer: httpx.Client) -> None:
    first, second = talk(customer, "how long does delivery take?", "thanks"), talk(customer, WISH)
    customer.post(f"/v1/conversations/{first}/resolution", json={"resolved": True}).raise_for_status()
    assert customer.put(f"/v1/conversations/{second}/contact", json={"details": "ann@mail.example"}).status_code == 204
    server.services.agent.desk.take(second, "lin")
    server.services.agent.desk.say(second, "lin", "Good morning!")
    document = customer.get("/v1/customers/me").json()
    assert [one["id"] for one in document["conversations"]] == [first, second]
    assert [message["text"] for message in document["conversations"][0]["messages"]] == ["how long does delivery take?", "thanks"]
    assert document["conversations"][0]["messages"][0]["sources"] == ["delivery-standard"]
    assert [one["resolved"] for one in document["conversations"]] == [True, None]
    assert document["conversations"][1]["contact"] == "ann@mail.example"
    assert [event["text"] for event in document["conversations"][1]["events"] if event["kind"] == "message"] == ["Good morning!"]


def test_erasing_leaves_nothing_of_one_customer_and_all_of_another(server: Server, customer: httpx.Client) -> None:
    conversation = talk(customer, f"{WISH} about my lavender kettle")
    customer.put(f"/v1/conversations/{conversation}/contact", json={"details": "ann@mail.example"})
    with server.customer() as other:
        kept = talk(other, "how long does delivery take?")
        assert customer.delete("/v1/customers/me").status_code == 204
        assert customer.get("/v1/customers/me").json()["conversations"] == []
        assert customer.get(f"/v1/conversations/{conversation}/messages").status_code == 404
        assert [one["id"] for one in other.get("/v1/customers/me").json()["conversations"]] == [kept]
    database = Path(str(server.services.agent.log.database.engine.url.database))
    files = [file for file in database.parent.glob(f"{database.name}*") if file.is_file()]
    assert database in files
    assert not any(b"lavender kettle" in file.read_bytes() for file in files)


def test_an_erased_conversation_takes_no_message_and_no_reply(server: Server) -> None:
    agent = server.services.agent
    conversation = agent.log.start("somebody who goes")
    reply = agent.stream(conversation, "how long does delivery take?")
    next(reply)
    assert agent.log.erase("somebody who goes") == 1
    with pytest.raises(ErasedError, match="erased"):
        for _ in reply:
            pass
    with pytest.raises(ErasedError, match="erased"):
        agent.reply(conversation, "hello?")
    assert conversation.state is ConversationState.BOT


def test_an_operator_exports_and_erases_by_subject_or_conversation(
    server: Server, starter_directory: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(starter_directory))
    with server.portal(**{"X-Customer-Token": sign(server.site, "c-99", issued_at=int(time.time()))}) as client:
        conversation = talk(client, "how do I return a lamp?")
        assert main(["customers", "export", "--site", server.site.id, "--subject", "c-99"]) == 0
        assert [one["id"] for one in json.loads(capsys.readouterr().out)["conversations"]] == [conversation]
        assert main(["customers", "erase", "--conversation", conversation]) == 0
        assert capsys.readouterr().out.startswith("Conversations erased, with all that belongs to them: 1.")
        assert client.get("/v1/customers/me").json()["conversations"] == []
    assert main(["customers", "erase", "--conversation", conversation]) == 2
    assert main(["customers", "export", "--site", "shop"]) == 2
    assert "Name the customer by --conversation, or by --site and --subject." in capsys.readouterr().err
    assert main(["staff", "audit"]) == 0
    assert "erase customer" in capsys.readouterr().out
