"""compose.yaml's services behind nginx.conf: what anybody does reaches the right process, and what nobody should do, nothing."""

import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from agent import commands
from agent.data_directory import DataDirectory
from agent.handover.desk import Desk
from agent.settings import Settings
from knowledge_base.database import Database
from tests.ports import free_port
from tests.postgres import new_database
from tests.ui.chatting import DELIVERY, ask, last_reply
from tests.ui.deployment.composed import NGINX, Composed
from ui.access.customers import new_anonymous
from ui.access.roles import Role
from ui.access.staff import StaffAccounts
from ui.access.tables import StaffRow
from ui.services import open_sites

pytestmark = pytest.mark.slow

SITE, ORIGIN, PER_ADDRESS = "shop", "https://shop.example", 15
PAGE = {"X-Site": SITE, "Origin": ORIGIN}


@dataclass(frozen=True)
class Deployed:
    """Everything, running.

    Attributes:
        plain: the proxy's URL without TLS.
        url: with it.
        key: a portal's.
        composed: what runs.
        database: what all processes share.
    """

    plain: str
    url: str
    key: str
    composed: Composed
    database: Database

    def client(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """A client that trusts the proxy, coming from an address of this machine."""
        transport = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=str(self.composed.certificate)), local_address=address)
        return httpx.Client(base_url=self.url, transport=transport, headers=headers, timeout=60)

    def customer(self) -> httpx.Client:
        """A new customer, by the portal's server."""
        client = self.client()
        client.headers.update({"Authorization": f"Bearer {self.key}", "X-Customer-Token": new_anonymous()})
        return client


@pytest.fixture(scope="module")
def deployed(postgres: str, model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    if not NGINX:
        pytest.skip("nginx is not installed (Debian's package nginx-light)")
    composed = Composed(tmp_path_factory.mktemp("deployed"))
    composed.hosts["database"] = postgres.partition("@")[2].partition("/")[0]
    composed.hosts |= {name: f"127.0.0.1:{free_port()}" for name in ("chroma", "workers", "pages")}
    settings = composed.settings("setup")
    assert settings["FRONTDESK_DATABASE_URL"].startswith(f"postgresql://frontdesk:secret@{composed.hosts['database']}/")
    composed.overrides["FRONTDESK_DATABASE_URL"] = url = new_database(postgres, "deployed")
    with ExitStack() as stack:
        stack.enter_context(composed.running("chroma"))
        until_answered(f"http://{composed.hosts['chroma']}/api/v2/heartbeat", composed)
        folder = composed.folder / "data"
        made = Settings(data_dir=folder, database_url=url, chroma_url=settings["FRONTDESK_CHROMA_URL"])  # type: ignore[arg-type]
        commands.init(made, folder, starter=True, cache=model_cache)  # it shares the converted models; `setup` runs below
        database = Database(DataDirectory(folder, url).database_url)
        key = open_sites(database, DataDirectory(folder, url)).add(SITE, [ORIGIN], actor="tests").key
        stack.enter_context(composed.running("workers", address_requests_per_minute=PER_ADDRESS))
        stack.enter_context(composed.running("pages"))
        plain, tls = stack.enter_context(composed.proxy())
        for name in ("workers", "pages"):
            until_answered(f"http://{composed.hosts[name]}/ready", composed)
        yield Deployed(plain, tls, key, composed, database)
        database.close()


def until_answered(url: str, composed: Composed) -> None:
    for _ in range(240):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"{url} does not answer.\n" + "\n".join(log.read_text()[-1000:] for log in composed.folder.glob("*.log")))


def test_setting_up_again_changes_nothing(deployed: Deployed) -> None:
    with deployed.composed.running("setup") as log:
        time.sleep(0.1)
        until_ended = time.monotonic() + 60
        while "nothing was changed" not in log.read_text(encoding="utf-8"):
            assert time.monotonic() < until_ended
            time.sleep(0.2)


@pytest.mark.browser
def test_a_customer_chats_and_staff_sign_in_over_tls(deployed: Deployed, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True)
    page, refused = context.new_page(), list[str]()
    page.on("response", lambda response: refused.extend([f"{response.status} {response.url}"] if response.status >= 400 else []))
    page.goto(deployed.url)
    ask(page, DELIVERY)
    assert "3-5 business days" in last_reply(page)
    accounts = StaffAccounts(deployed.database)
    password = accounts.add("cara", Role.CURATOR, "tests")
    with deployed.database.transaction() as connection:
        connection.execute(update(StaffRow).values(must_change=False))
    page.goto(f"{deployed.url}/staff/")
    page.locator("input[name=name]").fill("cara")
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button").click()
    expect(page.locator("#range")).to_contain_text("of 62")
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert any(cookie["secure"] and cookie["path"] == "/staff" for cookie in cookies.values())
    assert refused == []
    context.close()


def test_what_a_person_says_arrives_at_once_through_the_proxy(deployed: Deployed) -> None:
    desk = Desk(deployed.database)
    with deployed.customer() as customer:
        conversation = customer.post("/v1/conversations").raise_for_status().json()["id"]
        customer.post(f"/v1/conversations/{conversation}/hand-over").raise_for_status()
        with customer.stream("GET", f"/v1/conversations/{conversation}/events/stream?after=1000000") as events:
            lines, began = events.iter_lines(), time.monotonic()
            assert next(lines) == ": open"  # and not when a buffer is full
            assert time.monotonic() - began < 2
        with customer.stream("GET", f"/v1/conversations/{conversation}/events/stream") as events:
            desk.take(conversation, "lin")
            began = time.monotonic()
            desk.say(conversation, "lin", "Good morning.")
            assert next(line for line in events.iter_lines() if "Good morning." in line)
            assert time.monotonic() - began < 5


def test_a_reply_is_streamed_by_a_worker(deployed: Deployed) -> None:
    with deployed.customer() as customer:
        path = f"/v1/conversations/{customer.post('/v1/conversations').json()['id']}/messages"
        with customer.stream("POST", path, json={"text": DELIVERY, "stream": True}) as reply:
            assert reply.headers["content-type"].startswith("text/event-stream")
            assert {line for line in reply.iter_lines() if line.startswith("event:")} == {"event: piece", "event: message"}


def test_addresses_are_counted_one_by_one_whatever_they_claim(deployed: Deployed) -> None:
    time.sleep(max(0.0, 61 - time.time() % 60) if time.time() % 60 > 45 else 0)  # limits count by the minute of the clock
    with deployed.client("127.0.0.2") as client:
        claims = [{"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"} for number in range(PER_ADDRESS + 5)]
        statuses = [client.post("/v1/customers", headers=PAGE | claim).status_code for claim in claims]
    assert statuses == [201] * PER_ADDRESS + [429] * 5
    with deployed.client("127.0.0.3") as other:
        assert other.post("/v1/customers", headers=PAGE).status_code == 201


def test_a_flood_from_one_address_is_turned_away_before_it_reaches_anybody(deployed: Deployed) -> None:
    def get(_number: int) -> httpx.Response:
        return client.get("/v1/widget", headers=PAGE)

    with deployed.client("127.0.0.4") as client, ThreadPoolExecutor(16) as pool:
        refused = [response for response in pool.map(get, range(300)) if response.status_code == 429]
    assert any("nginx" in response.text for response in refused)
    with deployed.client("127.0.0.5") as other:
        assert other.get("/v1/widget", headers=PAGE).is_success
    with deployed.client("127.0.0.4") as portal:
        assert portal.get("/v1/faq/search?q=delivery", headers={"Authorization": f"Bearer {deployed.key}"}).is_success


def test_what_is_no_business_of_the_world(deployed: Deployed) -> None:
    with deployed.client() as client:
        assert client.get("/metrics").status_code == 404
        assert client.post("/v1/customers", content=b"x" * 1_100_000).status_code == 413
        assert "max-age" in client.get("/health").headers["Strict-Transport-Security"]
    moved = httpx.get(f"{deployed.plain}/staff/")
    assert (moved.status_code, moved.headers["Location"]) == (301, "https://127.0.0.1/staff/")
    assert httpx.get(f"http://{deployed.composed.hosts['pages']}/metrics").status_code == 404  # closed without its token, too


def test_the_file_is_one_that_nginx_takes(deployed: Deployed) -> None:
    assert NGINX
    done = subprocess.run([NGINX, "-t", "-c", str(deployed.composed.folder / "nginx.conf")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr
