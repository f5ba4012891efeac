"""What another site's page can do with a signed-in browser: nothing."""

import secrets

import httpx
import pytest

from agent.conversation import ConversationState
from tests.ui.api.security.house import COOKIE, EVIL, House, assert_tells_nothing, join, press
from ui.access.roles import Role
from ui.errors import AccessError


@pytest.mark.parametrize("origin", [EVIL, "null", "http://[", "http://127.0.0.1:1", "HOST.evil.example"])
def test_another_sites_page_does_nothing_with_the_inbox(house: House, waiting: tuple[str, int], origin: str) -> None:
    conversation, desk, session = waiting[0], house.services.agent.desk, secrets.token_hex(5)
    evil = {"Origin": origin.replace("HOST", house.url.rstrip("/"))}
    own = {"Origin": house.url.rstrip("/")}
    with house.staff("agent") as browser:
        press(browser, session, "tick")
        press(browser, session, "input", "waiting", conversation)
        assert join(browser, session, "click", "take", **evil).status_code == 403
        assert browser.post("/staff/inbox/gradio_api/cancel", json={}, headers=evil).status_code == 403
        found = desk.find(conversation)
        assert found
        assert found.state is ConversationState.QUEUED
        browser.headers.update(own)
        press(browser, session, "click", "take")
        found = desk.find(conversation)
        assert found
        assert found.person == "security-agent"
        assert join(browser, session, "submit", "answer", "Send me your password", **evil).status_code == 403
    assert [event.kind for event in desk.events(conversation)][-1] == "taken"
    desk.close(conversation, "security-agent")


@pytest.mark.parametrize("origin", [EVIL, "null", "http://[", "https://"])
def test_another_sites_form_signs_nobody_in_or_out_and_sets_no_password(house: House, origin: str) -> None:
    form = {"name": "security-agent", "password": "x", "old": "x" * 12, "new": "y" * 12}
    with house.staff("agent", Origin=origin) as browser:
        for path in ("/staff/sign-in", "/staff/password", "/staff/sign-out"):
            answer = browser.post(path, data=form)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
            assert_tells_nothing(answer)
    with house.staff("agent") as browser:
        assert browser.get("/staff/inbox/config").status_code == 200


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_sessions_cookie_is_for_the_staffs_pages_of_this_site_and_no_script(house: House, scheme: str, secure: bool) -> None:
    accounts, name = house.services.staff, f"security-cookie-{scheme}"
    form = {"name": name, "password": accounts.add(name, Role.AGENT, "tests")}
    answer = httpx.post(f"{house.url}staff/sign-in", data=form, headers={"X-Forwarded-Proto": scheme})
    assert answer.status_code == 303
    pair, *flags = (part.strip().lower() for part in answer.headers["set-cookie"].split(";"))
    assert pair.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=lax", "path=/staff"} <= set(flags)
    assert ("secure" in flags) is secure


def test_passwords_are_not_tried_without_end(house: House) -> None:
    form = {"name": "security-viewer", "password": "a guess"}
    spread = [httpx.post(f"{house.url}staff/sign-in", data=form, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(11)]
    assert [answer.status_code for answer in spread] == [401] * 10 + [429]
    one = {"X-Forwarded-For": "10.0.1.1"}
    names = [httpx.post(f"{house.url}staff/sign-in", data={"name": f"n{n}", "password": "a guess"}, headers=one) for n in range(11)]
    assert [answer.status_code for answer in names] == [401] * 10 + [429]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "lin\" onload='x", "lin&", "a b", "lin\n", "lin\0", "../lin", "x" * 65])
def test_a_name_that_could_be_markup_is_refused(house: House, name: str) -> None:
    with pytest.raises(AccessError):
        house.services.staff.add(name, Role.AGENT, "tests")
