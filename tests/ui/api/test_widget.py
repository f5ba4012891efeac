"""What the widget shows before anybody has written."""

import pytest

from tests.ui.api.conftest import ORIGIN, Server


@pytest.mark.parametrize(
    ("language", "tag", "name", "send"),
    [
        ("en-GB", "en", "Northlight", "Send"),
        ("zh-CN,en", "zh-Hans", "北光商城", "发送"),
        ("zh-HK", "zh-Hant", "北光商城", "發送"),
        ("fr", "en", "Northlight", "Send"),
    ],
)
def test_it_is_in_the_customers_language(server: Server, language: str, tag: str, name: str, send: str) -> None:
    with server.portal() as portal:
        shown = portal.get("/v1/widget", params={"language": language}).raise_for_status().json()
    assert (shown["language"], shown["name"], shown["texts"]["send"]) == (tag, name, send)
    assert len(shown["examples"]) == 3
    assert "400-555-0132" in shown["reach"]
    assert shown["texts"]["source"].count("{title}") == 1


def test_only_known_portals_get_it(server: Server) -> None:
    with server.portal(Authorization="", **{"X-Site": "api-tests", "Origin": ORIGIN}) as page:
        answer = page.get("/v1/widget")
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    with server.portal(Authorization="", **{"X-Site": "api-tests", "Origin": "https://evil.example"}) as page:
        assert page.get("/v1/widget").status_code == 401
