"""What may be connected to: the services of the settings wherever they are, everything else only where it is public.

A service we ask may redirect us, and whoever answers for a name may answer with an address inside the operator's network. So
each hop is checked as it starts, and each name's addresses at the moment they are connected to: nothing resolves them twice.
"""

from __future__ import annotations

import ipaddress
import socket

from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

# Public by IANA's registries (https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sibling) or by Python's
# older copies of them, and yet not on the internet: protocol assignments and 6to4, documentation, and Azure's own platform
# service, which answers on every virtual machine.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "2002::/16", "3fff::/20")
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """An address or a hop that is none of our business. The message says which and why."""


class Gate(AbstractResolver):
    """The resolver and the check of each hop. ``names`` looks names up; without one the system does."""

    def __init__(self, names: AbstractResolver | None = None) -> None:
        self._names = names or ThreadedResolver()
        self._configured: set[tuple[str, int | None]] = set()

    def allow(self, url: str) -> None:
        """Let requests go to this host and port even where they are private: a mirror, or a stand-in on loopback."""
        self._configured.add((URL(url).raw_host or "", URL(url).port))

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """The addresses of a name that may be connected to. Raises Refused where it has none, OSError where it is unknown."""
        try:
            found = await self._names.resolve(host, port, family)
        except UnicodeError as error:  # Python's own for a name that the DNS has no room for
            raise Refused(f"{host[:80]} is not a name") from error
        if (host, port) in self._configured:
            return found
        public = [address for address in found if is_public(address["host"])]
        if not public:
            raise Refused(f"{host}:{port} has no public address")
        return public

    async def close(self) -> None:
        await self._names.close()

    def hops_from(self, first: URL, *, stays: bool = False) -> ClientMiddlewareType:
        """The check of a request to ``first`` and of every redirect after it; aiohttp refuses schemes other than HTTP itself.

        Where it ``stays``, a redirect to another host or port is refused.
        """

        async def checked(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
            self.check(request.url, first)
            if stays and request.url.origin() != first.origin():
                raise Refused(f"{request.url.origin()} is not {first.origin()}")
            return await handler(request)

        return checked

    def check(self, url: URL, first: URL) -> None:
        """Raises Refused for an address that may not be connected to, and for plain HTTP after ``first`` was HTTPS.

        aiohttp asks its resolver for names only; an address written out in the URL is met here.
        """
        if first.scheme == "https" and url.scheme != "https":
            raise Refused(f"{url.origin()} is not encrypted, and {first.origin()} is")
        host = url.raw_host or ""
        if _is_written_out(host) and (host, url.port) not in self._configured and not is_public(host):
            raise Refused(f"{url.origin()} is not a public address")


def _is_written_out(host: str) -> bool:
    """An address, or a number that C libraries read as one ("2130706433", "127.1")."""
    return ":" in host or host.replace(".", "").isdigit()


def is_public(address: str) -> bool:
    """Whether an address is a host's on the internet; what is no address in its usual form is not.

    An IPv4 address inside an IPv6 one counts as what it is.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or (ipaddress.IPv4Address(found.packed[-4:]) if found in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if found not in _GLOBAL_UNICAST:
            return False
    return found.is_global and not found.is_multicast and not any(found in network for network in _NOT_PUBLIC)
