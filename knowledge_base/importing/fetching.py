"""Fetches a page from the public internet, and from nowhere else, within limits of time and size."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx

from knowledge_base.errors import EntryError
from knowledge_base.importing.public_addresses import IPAddress, checked_address

LONGEST, LARGEST, MOST_REDIRECTS = 20.0, 5 * 1024**2, 5  # seconds in all, bytes once inflated
CHUNK = 64 * 1024
HEADERS = {"User-Agent": "Frontdesk FAQ import", "Accept": "text/html, */*;q=0.5", "Accept-Encoding": "gzip, deflate"}
WINDOW_BITS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True)
class Fetched:
    """What an address served.

    Attributes:
        url: where it was in the end.
        media_type: e.g. ``text/html``, empty where the server says nothing.
        charset: the encoding that the server names, or None.
        data: inflated.
    """

    url: str
    media_type: str
    charset: str | None
    data: bytes


def fetch(url: str, allowed: Callable[[IPAddress], bool], longest: float = LONGEST) -> Fetched:
    """Fetch a page without credentials.

    Every name is resolved here, and the connection goes to the very address that was checked; so for each redirect.

    Args:
        url: ``http`` or ``https``.
        allowed: which addresses may be connected to.
        longest: seconds in all.

    Raises:
        EntryError: it cannot be fetched, or is not to be; the message names the address.
    """
    try:
        return asyncio.run(_fetch_in_time(url, allowed, longest))
    except EntryError as error:
        raise EntryError(f"{url[:300]} cannot be read: {error}") from None


async def _fetch_in_time(url: str, allowed: Callable[[IPAddress], bool], longest: float) -> Fetched:
    limits = httpx.Limits(max_keepalive_connections=0)
    try:
        async with asyncio.timeout(longest), httpx.AsyncClient(trust_env=False, timeout=longest, limits=limits) as client:
            return await _follow(client, url, allowed)
    except (TimeoutError, httpx.TimeoutException):
        raise EntryError(f"it took longer than {longest:g} seconds.") from None
    except (httpx.HTTPError, httpx.InvalidURL, zlib.error, UnicodeError, ValueError) as error:
        raise EntryError(str(error) or type(error).__name__) from error


async def _follow(client: httpx.AsyncClient, url: str, allowed: Callable[[IPAddress], bool]) -> Fetched:
    at = _checked_url(httpx.URL(url))
    for _ in range(MOST_REDIRECTS + 1):
        address = await checked_address(at.raw_host.decode("ascii"), at.port or (443 if at.scheme == "https" else 80), allowed)
        client.cookies.clear()
        request = client.build_request(
            "GET",
            at.copy_with(host=address, fragment=None),
            headers={**HEADERS, "Host": at.netloc.decode("ascii")},
            extensions={"sni_hostname": at.raw_host.decode("ascii")},  # the certificate must be the name's
        )
        response = await client.send(request, stream=True)
        try:
            if not response.has_redirect_location:
                return await _read(at, response)
            at = _checked_url(at.join(response.headers["Location"]))
        finally:
            await response.aclose()
    raise EntryError(f"it redirects more than {MOST_REDIRECTS} times.")


def _checked_url(url: httpx.URL) -> httpx.URL:
    if url.scheme not in {"http", "https"} or not url.host:
        raise EntryError(f"{str(url)[:300]} is no address of a page; one begins with https:// or http://.")
    if url.userinfo:
        raise EntryError("an address with a name and a password is not fetched; take one without.")
    return url


async def _read(url: httpx.URL, response: httpx.Response) -> Fetched:
    if response.status_code != httpx.codes.OK:
        raise EntryError(f"the server answered {response.status_code} {response.reason_phrase}".strip() + ".")
    data = bytearray()
    async for piece in _inflated(response):
        data += piece
        if len(data) > LARGEST:
            raise EntryError(f"it has more than {LARGEST // 1024**2} MB.")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Fetched(str(url), media_type, response.charset_encoding, bytes(data))


async def _inflated(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body, in pieces of a limited size however far a few bytes of it inflate."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in {*WINDOW_BITS, "identity", ""}:
        raise EntryError(f"the server sent it compressed in a way that it was not asked for ({coding[:40]}).")
    inflater = zlib.decompressobj(WINDOW_BITS[coding]) if coding in WINDOW_BITS else None
    async for raw in response.aiter_raw(CHUNK):
        if inflater is None:
            yield raw
            continue
        rest = raw
        while rest:
            yield inflater.decompress(rest, CHUNK)
            rest = inflater.unconsumed_tail
    if inflater is not None:
        yield inflater.flush()
