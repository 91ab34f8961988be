"""Replies kept in memory, so that a service need not send again what has not changed (RFC 9110, 13.1)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

MOST_REPLIES = 32
MOST_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Reply:
    """A body with what the service calls this state of it: an ETag or, failing that, its Last-Modified, as they were sent."""

    body: bytes
    etag: str = ""
    modified: str = ""

    def conditions(self) -> dict[str, str]:
        """The request headers that ask for the body only if it has changed."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.modified} if self.modified else {}

    def with_headers(self, headers: Mapping[str, str]) -> Reply:
        """The same body under the validators of a newer answer; one that it does not give stays."""
        return Reply(self.body, headers.get("ETag", self.etag), headers.get("Last-Modified", self.modified))


class Replies:
    """The replies read last, by address: at most MOST_REPLIES of together at most MOST_BYTES."""

    def __init__(self) -> None:
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self._bytes = 0

    def get(self, address: str) -> Reply | None:
        return self._replies.get(address)

    def keep(self, address: str, reply: Reply) -> None:
        """Keep the reply in place of an older one, if it can be asked about at all."""
        self.forget(address)
        if not reply.conditions():
            return
        self._replies[address] = reply
        self._bytes += len(reply.body)
        while len(self._replies) > MOST_REPLIES or self._bytes > MOST_BYTES:
            self.forget(next(iter(self._replies)))

    def forget(self, address: str) -> None:
        if old := self._replies.pop(address, None):
            self._bytes -= len(old.body)
