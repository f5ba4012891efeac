"""Which addresses of the internet are everybody's, and the address that a name leads to."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from knowledge_base.errors import EntryError

IPAddress = IPv4Address | IPv6Address
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the public internet.

    An IPv6 address that stands for an IPv4 address is what that is.

    >>> is_public(ip_address("93.184.215.14")), is_public(ip_address("10.0.0.1")), is_public(ip_address("::ffff:127.0.0.1"))
    (True, False, False)
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else None)
        if inner is not None:
            return is_public(inner)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def checked_address(host: str, port: int, allowed: Callable[[IPAddress], bool]) -> str:
    """The address to connect to.

    Args:
        host: a name or an address.
        port: where it will be connected to.
        allowed: which addresses may be.

    Raises:
        EntryError: the name leads nowhere, or to an address that is not allowed, if only among others.
    """
    executor = ThreadPoolExecutor(1)  # one of its own: the loop's would be waited for at its end
    try:
        found = await asyncio.get_running_loop().run_in_executor(
            executor, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        )
    except (OSError, UnicodeError) as error:
        raise EntryError(f"the name {host} leads nowhere: {error}") from error
    finally:
        executor.shutdown(wait=False)
    addresses = [ip_address(str(info[4][0])) for info in found]
    for address in addresses:
        if not allowed(address):
            raise EntryError(f"{host} leads to {address}, which is no address of the public internet.")
    return str(addresses[0])
