"""Where a source may send us, over real loopback sockets: what is refused never sees a connection."""

from __future__ import annotations

import pytest
from aiohttp import web
from yarl import URL

from sources.addresses import Gate, Refused, is_public
from sources.base import SourceError
from sources.http import Http
from tests.sources.web import QUICK, Handler, Names, listening, serving

PUBLIC = "93.184.216.34"
NAMES = {"rebound.example": [["127.0.0.1", "::1"]], "metadata.example": [["169.254.169.254"]], "mirror.example": [["127.0.0.1"]]}


def redirecting(asked: list[str]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound(request.query["to"])

    return handler


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[64:ff9b::127.0.0.1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://127.1:{port}/",
        "http://0x7f.1:{port}/",
        "http://127.0.0.1.:{port}/",
        "http://rebound.example:{port}/",
        "http://rebound.example.:{port}/",
        "http://mirror.example:{port}/",
        "http://metadata.example/latest/meta-data/",
        "http://169.254.169.254/latest/meta-data/",
        "//127.0.0.1:{port}/",
        "ftp://127.0.0.1:{port}/",
        "file:///etc/passwd",
        "http://[fe80::1%25lo]:{port}/",
    ],
)
async def test_s11_a_redirect_to_a_private_address_is_refused_before_it_connects(target: str) -> None:
    asked: list[str] = []
    async with serving(redirecting(asked)) as url, listening() as private, Http.session(QUICK, Names(NAMES)) as http:
        http.allow(url)
        http.allow("http://mirror.example:1/")  # another port of it is another service
        with pytest.raises(SourceError, match=r"^127\.0\.0\.1: "):
            await http.get(f"{url}/x", {"to": target.format(port=private.port)}, bytes)
        assert private.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "http://",
        "http://:80/",
        "http://[::1/",
        "http://a:99999/",
        "mailto:a@b",
        f"http://{'a' * 70}.example/",
        "http://a..example/",
    ],
)
async def test_s11_a_redirect_to_nowhere_is_a_source_error(target: str) -> None:
    async with serving(redirecting([])) as url, Http.session(QUICK) as http:
        http.allow(url)
        with pytest.raises(SourceError, match=r"^127\.0\.0\.1: "):
            await http.get(f"{url}/x", {"to": target}, bytes)


async def test_s11_what_the_system_resolves_to_loopback_is_refused_and_not_tried_again() -> None:
    asked: list[str] = []
    async with serving(redirecting(asked)) as url, listening() as private, Http.session(QUICK) as http:
        http.allow(url)
        with pytest.raises(SourceError, match=r"localhost:.* has no public address"):
            await http.get(f"{url}/x", {"to": f"http://localhost:{private.port}/"}, bytes)
        assert private.connections == 0
    assert asked == ["/x"]


async def test_s11_a_later_hop_is_checked_like_the_first() -> None:
    asked: list[str] = []
    async with serving(redirecting(asked)) as url, listening() as private, Http.session(QUICK) as http:
        http.allow(url)
        target = URL(f"{url}/y").with_query(to=f"http://127.0.0.1:{private.port}/")
        with pytest.raises(SourceError, match="is not a public address"):
            await http.get(f"{url}/x", {"to": str(target)}, bytes)
        assert private.connections == 0
    assert asked == ["/x", "/y"]


async def test_s11_a_configured_service_may_be_private_and_be_redirected_to() -> None:
    async with serving(redirecting([])) as url, listening() as mirror, Http.session(QUICK, Names(NAMES)) as http:
        http.allow(url)
        http.allow(f"http://mirror.example:{mirror.port}")
        assert await http.get(f"{url}/x", {"to": f"http://mirror.example:{mirror.port}/"}, bytes) == b"secret"
        assert mirror.connections == 1


async def test_s11_an_address_that_is_not_of_the_settings_is_refused_at_once() -> None:
    async with listening() as private, Http.session(QUICK, Names(NAMES)) as http:
        for host in ("127.0.0.1", "[::1]", "rebound.example"):
            with pytest.raises(SourceError, match="public address"):
                await http.get(f"http://{host}:{private.port}/", {}, bytes)
        assert private.connections == 0


@pytest.mark.parametrize(("redirects", "works"), [(5, True), (6, False)])
async def test_s11_five_redirects_are_followed_and_no_more(redirects: int, works: bool) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        left = int(request.query["left"])
        if left:
            raise web.HTTPFound(f"/x?left={left - 1}")
        return web.Response(text="here")

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        if works:
            assert await http.get(url, {"left": f"{redirects}"}, bytes) == b"here"
        else:
            with pytest.raises(SourceError, match="TooManyRedirects"):
                await http.get(url, {"left": f"{redirects}"}, bytes)
    assert asked == 6


async def test_s11_the_private_ones_of_several_addresses_are_dropped() -> None:
    gate = Gate(Names({"both.example": [["10.0.0.1", PUBLIC, "::1"]], "private.example": [["10.0.0.1", "fd00::1"]]}))
    assert [found["host"] for found in await gate.resolve("both.example", 443)] == [PUBLIC]
    with pytest.raises(Refused, match=r"private\.example:443 has no public address"):
        await gate.resolve("private.example", 443)


async def test_s11_a_name_that_turns_private_later_is_refused_then() -> None:
    gate = Gate(Names({"rebinding.example": [[PUBLIC], ["127.0.0.1"]]}))
    assert [found["host"] for found in await gate.resolve("rebinding.example", 80)] == [PUBLIC]
    with pytest.raises(Refused):
        await gate.resolve("rebinding.example", 80)


async def test_s11_https_is_not_left_for_http() -> None:
    gate, first = Gate(Names({})), URL("https://example.org/x")
    gate.allow("http://example.org")
    gate.check(URL("https://example.com/"), first)
    gate.check(URL("http://example.com/"), URL("http://example.org/x"))
    with pytest.raises(Refused, match="not encrypted"):
        gate.check(URL("http://example.org/x"), first)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200"),  # noqa: S104
        *("169.254.169.254", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "168.63.129.16"),
        *("224.0.0.1", "224.0.1.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1"),
        *("2001::1", "2001:db8::1", "2002:7f00:1::", "100::1", "3fff::1", "5f00::1", "4000::1"),
        *("127.1", "2130706433", "0177.0.0.1", "localhost", ""),
    ],
)
def test_s11_this_is_no_public_address(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_s11_this_is_a_public_address(address: str) -> None:
    assert is_public(address)
