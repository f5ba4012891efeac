"""Every route, as every kind of stranger."""

import base64
import json
import re
import time
from collections.abc import Callable

import httpx
import jwt
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from agent.agent import CustomerServiceAgent
from tests.ui.api.security.house import (
    API_ROUTES,
    COOKIE,
    CUSTOMER_ROUTES,
    DOCUMENTED,
    DOOR_ROUTES,
    EVIL,
    MINE,
    OTHERS,
    House,
    Known,
    assert_tells_nothing,
    fetch,
    press,
    send,
    served,
)
from tests.ui.portal import sign
from tests.ui.serving import services_for
from ui.access.customers import new_anonymous
from ui.app import create_app


def test_every_route_is_known_here(house: House) -> None:
    contexts = list(iter_route_contexts(house.app.routes))
    served = {(method, str(context.path)) for context in contexts for method in context.methods or ()}
    assert served == DOCUMENTED | DOOR_ROUTES | {("GET", "/openapi.json"), ("HEAD", "/openapi.json")}
    others = {context.path for context in contexts if not context.methods}
    assert others == {path for _, path in DOCUMENTED} | {"/v1/{path:path}", "", "/widget", "/clients"} | {
        f"/staff/{page}" for page in REFUSED
    }


STRANGERS: dict[str, Callable[[House], dict[str, str]]] = {
    "nobody": lambda _: {},
    "an unknown key": lambda house: {"Authorization": f"Bearer {house.credentials.key[:-1]}"},
    "a disabled portal": lambda house: {"Authorization": f"Bearer {house.closed.key}"},
    "a signing secret": lambda house: {"Authorization": f"Bearer {house.credentials.signing_secret}"},
    "another scheme": lambda house: {"Authorization": f"Basic {house.credentials.key}"},
    "another origin": lambda _: {"X-Site": "security", "Origin": EVIL},
    "another portal's page": lambda _: {"X-Site": "security", "Origin": OTHERS},
    "an origin that begins alike": lambda _: {"X-Site": "security", "Origin": f"{MINE}.evil.example"},
    "no origin": lambda _: {"X-Site": "security", "Origin": "null"},
    "a disabled portal's page": lambda _: {"X-Site": "security-closed", "Origin": "https://security-closed.example"},
    "a member of staff": lambda house: {"Cookie": f"{COOKIE}={house.sessions['admin']}"},
}


@pytest.mark.parametrize("route", sorted(API_ROUTES))
def test_no_route_of_the_api_opens_to_who_is_no_portal(house: House, route: Known) -> None:
    token = new_anonymous()
    with httpx.Client(base_url=house.url, timeout=30) as client:
        answers = {who: send(client, route, headers=headers(house) | {"X-Customer-Token": token}) for who, headers in STRANGERS.items()}
    assert {who: answer.status_code for who, answer in answers.items()} == dict.fromkeys(STRANGERS, 401)
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}
    with house.portal(**{"X-Customer-Token": token}) as portal:
        assert send(portal, route).status_code != 401


def forged(house: House) -> dict[str, str]:
    """Tokens that are to open nothing."""
    site, now = house.site, int(time.time())
    claims = {"sub": "c-17", "aud": site.id, "iat": now, "exp": now + 60}

    def signed(**changes: object) -> str:
        """A token with the portal's own signature."""
        return jwt.encode(claims | changes, site.signing_secret, "HS256")

    head, body, signature = signed().split(".")
    return {
        "none": "",
        "nonsense": "nonsense",
        "short": "anon_short",
        "unsigned": jwt.encode(claims, "", "none"),
        "no signature": f"{head}.{body}.",
        "another's claims": f"{head}.{signed(sub='c-18').split('.')[1]}.{signature}",
        "another secret": jwt.encode(claims, "another secret that is long enough", "HS256"),
        "the key as secret": jwt.encode(claims, house.credentials.key, "HS256"),
        "another algorithm": jwt.encode(claims, site.signing_secret, "HS512"),
        "another portal's": sign(house.neighbour, "c-17", now),
        "another audience": signed(aud=house.neighbour.id),
        "expired": signed(iat=now - 120, exp=now - 60),
        "more than a day": signed(exp=now + 90_000),
        "more than a day, in digits": signed(exp=str(now + 90_000)),
        "not yet": signed(iat=now + 600, exp=now + 1200),
        "endless": signed(exp=10**400),
        "nobody's": signed(sub=""),
        "a tower": ".".join([base64.urlsafe_b64encode(b"[" * 30_000).decode(), body, signature]),
    }


@pytest.mark.parametrize("route", sorted(CUSTOMER_ROUTES))
def test_no_route_of_customers_opens_to_a_token_that_is_not_right(house: House, route: Known) -> None:
    tokens = forged(house)
    with house.portal() as portal:
        answers = {name: send(portal, route, headers={"X-Customer-Token": token} if token else None) for name, token in tokens.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(tokens, 401)
    for answer in answers.values():
        assert_tells_nothing(answer)


@pytest.mark.parametrize("claims", [{"exp": "IN A MINUTE"}, {"iat": "NOW"}, {"sub": "\ud800"}, {"sub": "\0"}, {"sub": "c" * 3000}])
def test_a_signed_token_of_an_unusual_kind_is_a_customers_all_the_same(house: House, claims: dict[str, str]) -> None:
    now = int(time.time())
    usual: dict[str, object] = {"sub": "c-17", "aud": house.site.id, "iat": now, "exp": now + 60}
    unusual = {name: {"IN A MINUTE": str(now + 60), "NOW": str(now)}.get(text, text) for name, text in claims.items()}
    with house.portal(**{"X-Customer-Token": jwt.encode(usual | unusual, house.site.signing_secret, "HS256")}) as portal:
        assert portal.get("/v1/conversations").json() == {"items": [], "next_cursor": None}


def test_a_portals_page_does_not_name_customers_itself(house: House) -> None:
    with httpx.Client(base_url=house.url, headers={"X-Site": "security", "Origin": MINE}) as page:
        assert send(page, ("POST", "/v1/chat/completions")).status_code == 401
        assert send(page, ("GET", "/v1/models")).status_code == 200


@pytest.mark.parametrize("authorization", ["", "Bearer", "bearer a monitor's token", "Bearer \xff", "KEY"])
def test_metrics_open_to_nobody_else(house: House, authorization: str) -> None:
    value = authorization.replace("KEY", f"Bearer {house.credentials.key}").encode("latin-1")
    assert httpx.get(f"{house.url}metrics", headers={b"Authorization": value}).status_code == 401


def routes_of(app: FastAPI, page: str) -> list[Known]:
    """All that is mounted with one of staff's pages, Gradio's own routes among it, with something in the gaps."""
    mount = next(route for route in app.routes if isinstance(route, Mount) and route.path == f"/staff/{page}")
    contexts = list(iter_route_contexts(mount.routes))
    found = {(method, str(context.path)) for context in contexts for method in context.methods or ()}
    assert {("POST", "/gradio_api/queue/join"), ("POST", "/gradio_api/upload"), ("GET", "/config"), ("GET", "/")} <= found
    return sorted((method, f"/staff/{page}" + re.sub(r"\{[^}]*\}", "1", path)) for method, path in found)


SIGN_IN, PASSWORD, NO = (303, "/staff/sign-in"), (303, "/staff/password"), (403, None)
STRANGE = dict.fromkeys(["nobody", "forged", "expired", "signed out", "disabled"], SIGN_IN) | {"one-time password": PASSWORD}
REFUSED: dict[str, dict[str, tuple[int, str | None]]] = {
    "inbox": STRANGE | dict.fromkeys(["viewer", "curator", "trainer"], NO),
    "faq": STRANGE | dict.fromkeys(["viewer", "agent", "trainer"], NO),
    "review": STRANGE | dict.fromkeys(["viewer", "agent", "curator"], NO),
    "insights": {**STRANGE},
}


@pytest.mark.parametrize(("page", "who"), [(page, who) for page, refused in REFUSED.items() for who in refused])
def test_no_part_of_staffs_pages_opens_to_who_may_not_use_them(house: House, page: str, who: str) -> None:
    routes = routes_of(house.app, page)
    if page == "faq":
        routes += [("GET", "/staff/export/faq.csv"), ("GET", "/staff/export/faq.json")]
    if page == "review":
        routes += [("GET", "/staff/reports/loop-1")]
    with house.staff(who) as browser:
        answers = {route: browser.request(*route) for route in routes}
    assert {route: (answer.status_code, answer.headers.get("location")) for route, answer in answers.items()} == dict.fromkeys(
        routes, REFUSED[page][who]
    )
    for answer in answers.values():
        assert_tells_nothing(answer)


USERS = {"inbox": "agent", "faq": "curator", "review": "trainer", "insights": "viewer"}


@pytest.mark.parametrize(("page", "who"), [(page, who) for page, user in USERS.items() for who in (user, "admin")])
def test_staffs_pages_open_to_who_may_use_them(house: House, page: str, who: str) -> None:
    with house.staff(who) as browser:
        for path in ("", "config", "theme.css", "gradio_api/info", "gradio_api/startup-events"):
            assert browser.get(f"/staff/{page}/{path}").status_code == 200
        assert f"security-{who}" in json.dumps(press(browser, "a session", "load", page=page))


@pytest.mark.parametrize("origin", [EVIL, "null"])
def test_another_sites_page_does_nothing_with_the_faq(house: House, origin: str) -> None:
    with house.staff("curator", Origin=origin) as browser:
        for route in routes_of(house.app, "faq"):
            assert browser.request(*route).status_code == 403


@pytest.mark.parametrize(
    "path", ["//staff/inbox/", "//staff/faq/", "/staff//inbox/config", "/STAFF/inbox/", "/x/../staff/inbox/config", "/staff%2finbox/config"]
)
def test_no_way_leads_around_the_door(house: House, path: str) -> None:
    status, body = fetch(house.url, path)
    assert status in {303, 404}
    assert "dependencies" not in body


def test_a_one_time_password_opens_the_form_for_another_and_no_more(house: House) -> None:
    with house.staff("one-time password") as browser:
        assert browser.get("/staff/password").status_code == 200
    for who in ("nobody", "forged", "disabled"):
        with house.staff(who) as browser:
            assert browser.get("/staff/password").headers["location"] == "/staff/sign-in"
            answer = browser.post("/staff/password", data={"old": "x" * 12, "new": "y" * 12})
            assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in")


def test_without_pages_there_is_no_door(starter_agent: CustomerServiceAgent) -> None:
    services = services_for(starter_agent)
    with served(create_app(services, pages=False), services) as url:
        paths = ("", "config", "staff/", "staff/sign-in", "staff/inbox/", "staff/inbox/config", "staff/faq/", "staff/export/faq.csv")
        for path in (*paths, "staff/review/", "staff/reports/loop-1", "staff/insights/"):
            assert httpx.get(url + path).status_code == 404


def test_a_closed_chat_page_is_closed_in_all_its_parts(starter_agent: CustomerServiceAgent) -> None:
    services = services_for(starter_agent, public_chat=False)
    with served(create_app(services), services) as url:
        for path in ("", "config", "gradio_api/info", "gradio_api/queue/data?session_hash=x", "theme.css"):
            assert httpx.get(url + path).status_code == 404
        for page in USERS:
            assert httpx.get(f"{url}staff/{page}/").headers["location"] == "/staff/sign-in"
