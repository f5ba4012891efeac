"""The clients that portals copy, against the running service."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from agent.handover.rules import HandOverReason
from tests.conftest import ROOT
from tests.ui.api.conftest import Server
from ui.clients.frontdesk_client import Customer, Frontdesk, FrontdeskError

JAVASCRIPT = ROOT / "ui" / "clients" / "frontdesk-client.js"
QUESTION = "How long does standard delivery take?"
# What a portal's server does in Node: everything once, told as JSON.
SCRIPT = """
const { Frontdesk, FrontdeskError } = await import(process.argv[2]);
const desk = new Frontdesk(process.argv[3], { key: process.argv[4] });
const customer = desk.customer(await desk.newCustomer());
const { id } = await customer.begin();
const told = { steps: [] };
for await (const { piece, message } of customer.stream(id, process.argv[5], { key: "once" })) {
  if (piece) told.html = piece.html;
  if (message) told.message = message;
}
told.again = (await customer.send(id, process.argv[5], "twice")).id;
told.replayed = (await customer.send(id, process.argv[5], "twice")).id;
await customer.rate(id, told.again, "up");
told.resolved = (await customer.resolve(id, true)).resolved;
told.handedOver = (await customer.handOver(id)).reply.route;
for await (const event of customer.follow(id)) { told.steps.push(event.kind); if (event.kind === "queued") break; }
told.messages = [];
for await (const message of customer.messages(id)) told.messages.push(message.feedback);
told.search = (await desk.search(process.argv[5]))[0].id;
told.refused = await customer.conversation("0".repeat(32)).catch((error) => [error instanceof FrontdeskError, error.status, error.message]);
told.unreachable = await new Frontdesk("http://127.0.0.1:9").newCustomer().catch((error) => error.status);
await customer.erase();
told.left = [];
for await (const one of customer.conversations()) told.left.push(one);
console.log(JSON.stringify(told));
"""


@pytest.fixture
def desk(server: Server) -> Frontdesk:
    return Frontdesk(server.url, server.credentials.key)


@pytest.fixture
def ann(desk: Frontdesk) -> Customer:
    return desk.customer(desk.new_customer())


def test_python_has_a_conversation(server: Server, desk: Frontdesk, ann: Customer) -> None:
    conversation = ann.begin()["id"]
    *pieces, (name, message) = ann.stream(conversation, QUESTION)
    assert name == "message"
    assert message["reply"]["sources"][0]["id"] == "delivery-standard"
    assert {kind for kind, _ in pieces} == {"piece"}
    assert pieces[-1][1]["html"] == message["reply"]["html"]
    sent = ann.send(conversation, QUESTION, key="twice")
    assert ann.send(conversation, QUESTION, key="twice")["id"] == sent["id"]
    ann.rate(conversation, sent["id"], "up")
    assert ann.resolve(conversation, None)["resolved"] is None
    assert [message["feedback"] for message in ann.messages(conversation)] == [None, "up"]
    assert ann.hand_over(conversation)["reply"]["route"] == "hand_off"
    assert [event["kind"] for event in ann.events(conversation)] == ["resolution", "queued"]
    assert server.services.agent.desk.find(conversation).reason is HandOverReason.ASKED  # type: ignore[union-attr]
    assert [one["id"] for one in ann.conversations()] == [conversation]
    assert ann.conversation(conversation)["state"] == "queued"
    ann.leave_contact(conversation, "ann@mail.example")
    assert desk.search(QUESTION)[0]["id"] == "delivery-standard"
    assert len(ann.export()["conversations"]) == 1
    ann.erase()
    assert list(ann.conversations()) == []


def test_python_tells_what_was_refused(server: Server, ann: Customer) -> None:
    with pytest.raises(FrontdeskError, match="no such conversation") as refused:
        ann.send("0" * 32, QUESTION)
    assert refused.value.status == 404
    with pytest.raises(FrontdeskError, match="no such conversation"):
        next(ann.stream("0" * 32, QUESTION))
    with Frontdesk(server.url, "fd_wrong") as stranger, pytest.raises(FrontdeskError) as unknown:
        stranger.new_customer()
    assert unknown.value.status == 401
    with Frontdesk("http://127.0.0.1:9", "key") as nowhere, pytest.raises(FrontdeskError, match="cannot be reached") as lost:
        nowhere.new_customer()
    assert lost.value.status == 0


def test_javascript_has_a_conversation(server: Server, tmp_path: Path) -> None:
    if not shutil.which("node"):
        pytest.skip("Node.js is not installed")
    script = tmp_path / "portal.mjs"
    script.write_text(SCRIPT, encoding="utf-8")
    client = tmp_path / "frontdesk-client.mjs"  # to Node a module is what is called one
    shutil.copy(JAVASCRIPT, client)
    command = ["node", str(script), str(client), server.url, server.credentials.key, QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["message"]["reply"]["sources"][0]["id"] == "delivery-standard"
    assert told["html"] == told["message"]["reply"]["html"]
    assert told["again"] == told["replayed"] > told["message"]["id"]
    assert told["resolved"] is True
    assert told["handedOver"] == "hand_off"
    assert told["steps"][-1] == "queued"
    assert told["messages"][:2] == [None, "up"]
    assert told["search"] == "delivery-standard"
    assert told["refused"] == [True, 404, "There is no such conversation of this customer."]
    assert told["unreachable"] == 0
    assert told["left"] == []


@pytest.mark.parametrize(
    ("language", "ending", "program"), [("python", "py", [sys.executable]), ("js", "mjs", ["node"])], ids=["python", "javascript"]
)
def test_the_readmes_example_runs(server: Server, tmp_path: Path, language: str, ending: str, program: list[str]) -> None:
    if not shutil.which(program[0]):
        pytest.skip(f"{program[0]} is not installed")
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (example,) = [block for block in blocks if "FRONTDESK_KEY" in block]
    for client in (ROOT / "ui" / "clients").glob("frontdesk*"):
        shutil.copy(client, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    script = tmp_path / f"example.{ending}"
    script.write_text(example.replace("http://127.0.0.1:7860", server.url), encoding="utf-8")
    environment = os.environ | {"FRONTDESK_KEY": server.credentials.key}
    done = subprocess.run([*program, str(script)], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "3-5 business days" in done.stdout
    assert "Source: How long does standard delivery take?" in done.stdout
    assert "help@northlight.example" in done.stdout


def test_the_service_hands_them_out_to_any_page(server: Server) -> None:
    for path in ("widget/frontdesk.js", "clients/frontdesk-client.js", "clients/frontdesk_client.py"):
        answer = httpx.get(server.url + path, headers={"Origin": "https://anywhere.example"})
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        again = httpx.get(server.url + path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert httpx.get(server.url + "clients/../app.py").status_code == 404
    assert httpx.get(server.url + "widget/none.js").status_code == 404
