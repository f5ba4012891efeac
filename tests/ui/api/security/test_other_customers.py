"""A conversation is its customer's only."""

import base64
import time

import httpx
import pytest

from tests.ui.api.security.house import CONVERSATION_ROUTES, House, Known, send, snapshot
from tests.ui.portal import sign
from ui.access.customers import new_anonymous


def neighbours(house: House, owner: httpx.Client) -> dict[str, dict[str, str]]:
    """Others who are close to being the owner."""
    now, subject = int(time.time()), owner.headers["X-Subject"]
    here, there = ({"Authorization": f"Bearer {credentials.key}"} for credentials in (house.credentials, house.other))
    return {
        "another customer": here | {"X-Customer-Token": sign(house.site, f"{subject}x", now)},
        "an anonymous one": here | {"X-Customer-Token": new_anonymous()},
        "their namesake elsewhere": there | {"X-Customer-Token": sign(house.neighbour, subject, now)},
        "their name with its mark": here | {"X-Customer-Token": sign(house.site, f"sub:{subject}", now)},
    }


@pytest.mark.parametrize("route", sorted(CONVERSATION_ROUTES))
def test_a_conversation_is_its_customers_only(house: House, owner: httpx.Client, waiting: tuple[str, int], route: Known) -> None:
    before = snapshot(owner)
    for headers in neighbours(house, owner).values():
        with httpx.Client(base_url=house.url, headers=headers, timeout=30) as other:
            answer = send(other, route, *waiting)
            assert answer.status_code == 404
            assert answer.json()["detail"] == send(other, route, "0" * 32, 1).json()["detail"]
    assert snapshot(owner) == before


def test_lists_exports_and_erasure_are_of_ones_own(house: House, owner: httpx.Client, waiting: tuple[str, int]) -> None:
    before = snapshot(owner)
    assert [one["id"] for one in before["conversations"]] == [waiting[0]]
    cursor = base64.urlsafe_b64encode(waiting[0].encode()).decode().rstrip("=")
    for headers in neighbours(house, owner).values():
        with httpx.Client(base_url=house.url, headers=headers, timeout=30) as other:
            assert other.get("/v1/conversations").json()["items"] == []
            assert other.get("/v1/conversations", params={"cursor": cursor}).status_code == 400
            assert snapshot(other)["conversations"] == []
            assert other.delete("/v1/customers/me").status_code == 204
    assert snapshot(owner) == before


def test_a_key_of_anothers_request_replays_nothing(house: House, owner: httpx.Client) -> None:
    key = {"Idempotency-Key": "the same"}
    mine = owner.post("/v1/conversations", headers=key).raise_for_status().json()["id"]
    for headers in neighbours(house, owner).values():
        answer = httpx.post(f"{house.url}v1/conversations", headers=headers | key)
        assert answer.status_code == 201
        assert answer.json()["id"] != mine
        assert "Idempotency-Replayed" not in answer.headers


def test_a_portal_goes_on_with_no_other_portals_conversation(house: House) -> None:
    asked = {"model": "frontdesk", "user": "c-17", "messages": [{"role": "user", "content": "How long does delivery take?"}]}
    first = house.portal().post("/v1/chat/completions", json=asked).raise_for_status().json()
    reply = {"role": "assistant", "content": first["choices"][0]["message"]["content"]}
    asked["messages"] = [*asked["messages"], reply, {"role": "user", "content": "thanks"}]
    elsewhere = httpx.post(
        f"{house.url}v1/chat/completions", json=asked, headers={"Authorization": f"Bearer {house.other.key}"}, timeout=30
    )
    assert elsewhere.raise_for_status().json()["id"] != first["id"]
    assert house.portal().post("/v1/chat/completions", json=asked).json()["id"] == first["id"]
