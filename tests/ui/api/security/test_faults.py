"""What goes wrong here shows nothing of how the service is made."""

from pathlib import Path

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent.agent import CustomerServiceAgent
from tests.ui.api.conftest import Server
from tests.ui.api.security.house import BODIES, COOKIE, LEAKS, served
from tests.ui.serving import services_for
from ui.app import create_app


async def boom(_request: Request) -> Response:
    """A defect."""
    raise RuntimeError(f"SELECT secret FROM sqlite in {__file__}")


def test_a_defect_shows_its_request_only(starter_agent: CustomerServiceAgent) -> None:
    services = services_for(starter_agent)
    app = create_app(services)
    app.router.routes.insert(0, Route("/v1/boom", boom))
    with served(app, services) as url:
        answer = httpx.get(f"{url}v1/boom", headers={"X-Request-ID": "abc-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert [leak for leak in LEAKS if leak in answer.text] == []


def test_a_broken_database_shows_nothing_of_itself(own: Server, tmp_path: Path) -> None:
    with own.customer() as client:
        path = f"/v1/conversations/{client.post('/v1/conversations').json()['id']}/messages"
        client.post(path, json={"text": "hi"}).raise_for_status()
        with own.services.sites.database.transaction() as connection:
            connection.exec_driver_sql("DROP TABLE turns")
            connection.exec_driver_sql("DROP TABLE staff_sessions")
        answers = [
            client.get(path),
            client.post(path, json={"text": "hi"}),
            client.post(path, json={"text": "hi", "stream": True}),
            client.post(path, json={"text": "hi"}, headers={"Idempotency-Key": "k"}),
            client.get("/v1/customers/me"),
            client.post("/v1/chat/completions", json=BODIES["POST", "/v1/chat/completions"]),
            client.get("/staff/password", headers={"Cookie": f"{COOKIE}=x"}),
            client.get("/staff/inbox/", headers={"Cookie": f"{COOKIE}=x"}),
        ]
    assert [answer.status_code for answer in answers] == [503, 503, 201, 503, 503, 503, 503, 500]
    assert "event: problem" in answers[2].text
    assert [leak for answer in answers for leak in [*LEAKS, str(tmp_path), "turns", "staff_sessions"] if leak in answer.text] == []
