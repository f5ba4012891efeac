"""Pages from the internet: never from inside, never longer or more than the limits say."""

import gzip
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest

from knowledge_base.errors import EntryError
from knowledge_base.importing import fetching
from knowledge_base.importing.fetching import fetch
from knowledge_base.importing.public_addresses import IPAddress, is_public
from knowledge_base.importing.sources import read_url

PAGE = "<meta charset=utf-8><h2>怎么退货？</h2><p>寄回<a href='/how'>这里</a>。".encode()
SECONDS = 1.0


def on_this_machine(address: IPAddress) -> bool:
    return address.is_loopback


class Handler(BaseHTTPRequestHandler):
    """Serves what the path asks for."""

    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self.seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        path, _, query = self.path.partition("?")
        answer = getattr(self, f"serve_{path.strip('/').partition('.')[0]}", None)
        if answer:
            answer(query)
        else:
            self.send_error(404)

    def reply(self, body: bytes, media_type: str = "text/html", **headers: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def serve_page(self, _query: str) -> None:
        self.reply(PAGE, Set_Cookie="session=1")

    def serve_gbk(self, _query: str) -> None:
        self.reply("<h2>怎么退货？</h2>寄回。".encode("gbk"), "text/html; charset=GB2312")

    def serve_table(self, _query: str) -> None:
        self.reply(b"question,answer\nOpen?,Yes.\n", "application/octet-stream")

    def serve_picture(self, _query: str) -> None:
        self.reply(b"\x89PNG", "image/png")

    def serve_zipped(self, query: str) -> None:
        self.reply(gzip.compress(PAGE) if query == "gzip" else zlib.compress(PAGE), Content_Encoding=query)

    def serve_bomb(self, _query: str) -> None:
        self.reply(gzip.compress(b" " * (200 * 1024**2), 1), Content_Encoding="gzip")

    def serve_much(self, _query: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 65536)
        except OSError:
            pass  # the client had enough

    def serve_to(self, query: str) -> None:
        self.send_response(302)
        self.send_header("Location", query)
        self.end_headers()

    def serve_loop(self, _query: str) -> None:
        self.serve_to("/loop")

    def serve_silence(self, _query: str) -> None:
        time.sleep(2 * SECONDS)

    def serve_drip(self, query: str) -> None:
        start = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (b"\r\n" if query == "body" else b"X-Long: ")
        try:
            for byte in start + b"x" * 1000:
                self.wfile.write(bytes([byte]))
                time.sleep(0.0 if byte != ord("x") else SECONDS / 10)
        except OSError:
            pass  # the client had enough

    def log_message(self, *_arguments: object) -> None:
        """Nothing: pytest's output is for failures."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        running.block_on_close = False
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://localhost:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_page_and_a_table_are_read(server: str) -> None:
    (entry,) = read_url(f"{server}/page", on_this_machine).entries
    assert entry.variants["zh"].answer == f"寄回[这里]({server}/how)。"
    (entry,) = read_url(f"{server}/gbk", on_this_machine).entries
    assert entry.variants["zh"].title == "怎么退货？"
    (entry,) = read_url(f"{server}/table.csv?x=1", on_this_machine).entries
    assert entry.id == "open"
    for coding in ("gzip", "deflate"):
        assert fetch(f"{server}/zipped?{coding}", on_this_machine).data == PAGE


def test_neither_cookies_nor_anything_of_the_environment_is_sent(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login lin password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fetch(f"{server}/to?/page", on_this_machine)
    fetch(f"{server}/page", on_this_machine)
    assert [seen["path"] for seen in Handler.seen] == ["/to?/page", "/page", "/page"]
    for seen in Handler.seen:
        assert seen["host"] == server.removeprefix("http://")
        assert not {"authorization", "proxy-authorization", "cookie", "referer"} & seen.keys()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("file:///etc/passwd", "is no address of a page"),
        ("ftp://example.org/faq.csv", "is no address of a page"),
        ("faq.html", "is no address of a page"),
        ("http://", "is no address of a page"),
        ("https://lin:secret@example.org/", "with a name and a password"),
        ("http://[::1", "cannot be read"),
        ("http://127.0.0.1/", r"leads to 127\.0\.0\.1, which is no address of the public internet"),
        ("http://localhost:8080/", "no address of the public internet"),
        ("http://127.1/", r"leads to 127\.0\.0\.1"),
        ("http://2130706433/", r"leads to 127\.0\.0\.1"),
        ("http://0x7f.0.0.1/", r"leads to 127\.0\.0\.1"),
        ("http://[::1]/", "leads to ::1"),
        ("http://[::ffff:10.0.0.1]/", "no address of the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "no address of the public internet"),
        ("http://0.0.0.0/", "no address of the public internet"),
        ("http://nowhere.invalid/", "leads nowhere"),
        ("http://" + "a" * 300 + ".example/", "leads nowhere"),
    ],
)
def test_what_is_no_public_page_is_refused(url: str, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        read_url(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07::1", True),
        ("64:ff9b::5db8:d70e", True),
        *[
            (address, False)
            for address in (
                "10.1.2.3 172.16.0.1 192.168.1.1 127.0.0.1 0.0.0.0 0.1.2.3 169.254.1.1 100.64.0.1 198.18.0.1 192.0.2.1 224.0.1.1 239.1.1.1 "
                "240.0.0.1 255.255.255.255 :: ::1 fe80::1 fc00::1 fd12::1 fec0::1 ff02::1 ff0e::1 2001:db8::1 ::ffff:127.0.0.1 ::127.0.0.1 "
                "2002:7f00:1:: 2002:a00:1:: 64:ff9b::7f00:1 64:ff9b:1::5db8:d70e 2001::1 100::1 fe80::1%lo"
            ).split()
        ],
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) == public


def test_a_name_that_leads_to_a_private_address_too_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_arguments: object, **_options: object) -> list[object]:
        return [(2, 1, 6, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr("socket.getaddrinfo", lookup)
    with pytest.raises(EntryError, match=r"leads to 10\.0\.0\.1"):
        read_url("http://example.org/")


def test_the_connection_goes_to_the_address_that_was_checked(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere a moment later: it is looked up once."""
    port = int(server.rpartition(":")[2])
    answers = [[(2, 1, 6, "", ("127.0.0.1", port))]]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_options: answers.pop())
    assert fetch(f"http://faq.example:{port}/page", on_this_machine).data == PAGE
    assert Handler.seen[0]["host"] == f"faq.example:{port}"


def test_redirects_are_checked_anew_and_counted(server: str) -> None:
    for target in ("http://10.0.0.1/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/", "//192.168.0.1/x"):
        with pytest.raises(EntryError, match="which is no address of the public internet"):
            fetch(f"{server}/to?{target}", on_this_machine)
    with pytest.raises(EntryError, match="is no address of a page"):
        fetch(f"{server}/to?file:///etc/passwd", on_this_machine)
    with pytest.raises(EntryError, match="with a name and a password"):
        fetch(f"{server}/to?http://lin:secret@localhost/", on_this_machine)
    Handler.seen = []
    with pytest.raises(EntryError, match="redirects more than 5 times"):
        fetch(f"{server}/loop", on_this_machine)
    assert len(Handler.seen) == 6


@pytest.mark.parametrize("path", ["silence", "drip?head", "drip?body"])
def test_a_server_that_never_comes_to_an_end_is_left(server: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(EntryError, match=f"/{path.partition('?')[0]}.* cannot be read: it took longer than 1 seconds"):
        fetch(f"{server}/{path}", on_this_machine, SECONDS)
    assert time.monotonic() - began < SECONDS + 0.5


@pytest.mark.parametrize("path", ["much", "bomb"])
def test_too_much_is_left_when_it_is_too_much(server: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    inflated = fetching._inflated

    async def watched(response: httpx.Response) -> object:
        async for piece in inflated(response):
            sizes.append(len(piece))
            yield piece

    monkeypatch.setattr(fetching, "_inflated", watched)
    with pytest.raises(EntryError, match="it has more than 5 MB"):
        fetch(f"{server}/{path}", on_this_machine)
    assert sum(sizes) <= 5 * 1024**2 + 65536
    assert max(sizes) <= 65536


def test_other_answers_are_named(server: str) -> None:
    with pytest.raises(EntryError, match="/gone cannot be read: the server answered 404 Not Found"):
        read_url(f"{server}/gone", on_this_machine)
    with pytest.raises(EntryError, match="/picture serves image/png, which is not read"):
        read_url(f"{server}/picture", on_this_machine)
    with pytest.raises(EntryError, match="compressed in a way that it was not asked for"):
        fetch(f"{server}/zipped?br", on_this_machine)
    with pytest.raises(EntryError, match="cannot be read"):
        fetch("http://127.0.0.1:1/", on_this_machine)


def test_the_certificate_must_be_the_name_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that is sent is the page's, although the connection goes to an address; a certificate nobody vouches for is refused."""
    names: list[str] = []
    subject = ("-subj", "/CN=faq.example", "-addext", "subjectAltName=DNS:faq.example", "-days", "2")
    made = ("-keyout", tmp_path / "key", "-out", tmp_path / "cert")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    context.sni_callback = lambda _socket, name, _context: names.append(str(name))
    Handler.seen = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        running.socket = context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        port = running.server_port
        monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_options: [(2, 1, 6, "", ("127.0.0.1", port))])
        with pytest.raises(EntryError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(f"https://faq.example:{port}/page", on_this_machine)
        running.shutdown()
        thread.join()
    assert names == ["faq.example"]
    assert Handler.seen == []
