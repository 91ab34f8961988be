"""The limit of each channel: so many messages in so many seconds. https://discord.com/developers/docs/topics/rate-limits"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from sandbox.wire.state import World


@dataclass(slots=True)
class Buckets:
    """How full each channel's bucket is.

    A request falls out of it by the world's clock or by the real one, whichever is first: a test that lets days pass fills no
    bucket, and one whose clock stands still empties it by waiting.
    """

    world: World
    _recent: dict[int, deque[tuple[float, float]]] = field(default_factory=dict)

    def enter(self, channel_id: int, limit: int, per_s: float) -> tuple[float, dict[str, str]]:
        """Seconds to wait, 0 for a request that is let in and counted, and the headers that tell of it."""
        world_s, real_s = self.world.clock().timestamp(), time.monotonic()
        recent = self._recent.setdefault(channel_id, deque())
        while recent and max(world_s - recent[0][0], real_s - recent[0][1]) >= per_s:
            recent.popleft()
        is_full = len(recent) >= limit
        if not is_full:
            recent.append((world_s, real_s))
        left_s = per_s - max(world_s - recent[0][0], real_s - recent[0][1])
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - len(recent)),
            "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
            "X-RateLimit-Reset-After": f"{left_s:.3f}",
            "X-RateLimit-Bucket": "loopback-messages",
        }
        return (max(left_s, 0.001) if is_full else 0.0), headers
