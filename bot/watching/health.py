"""/healthz, /readyz and /metrics over HTTP, for supervisors and Prometheus; on loopback unless the settings say otherwise."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from bot.config import HealthConfig
from bot.watching.checkup import Checkup
from bot.watching.logs import Sink

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)

_METRICS = "bot.watching.metrics"  # with a library that takes a moment to load, and that nobody may ever ask for
_LEAVES_WITHIN_S = 0.5  # whoever is asking at the end is cut off then


@asynccontextmanager
async def serving(config: HealthConfig, checkup: Checkup, sink: Sink | None = None) -> AsyncIterator[int]:
    """Serve until the end of the block; yields the port, 0 where nothing is served: that ends no start."""
    if not config.port:
        yield 0
        return
    from aiohttp import web  # as large as the client, and needed here alone

    async def healthz(request: web.Request) -> web.Response:
        """The process is there and its loop turns, or nobody would answer."""
        return web.json_response({"status": "ok"})

    async def readyz(request: web.Request) -> web.Response:
        complaints = await checkup.complaints()
        return web.json_response({"ready": not complaints, "reasons": complaints}, status=503 if complaints else 200)

    async def metrics(request: web.Request) -> web.Response:
        complaints, figures = await checkup.complaints(), await checkup.figures()
        dropped = sink.dropped if sink else 0
        module = await asyncio.to_thread(import_module, _METRICS)
        text = await asyncio.to_thread(module.written, module.measured(checkup, figures, complaints, dropped))
        return web.Response(body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_LEAVES_WITHIN_S)
    await runner.setup()
    try:
        yield await _listen(web.TCPSite(runner, config.host, config.port), config)
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, config: HealthConfig) -> int:
    """The port it listens at; 0 where that cannot be had."""
    try:
        await site.start()
    except OSError as error:
        log.warning(
            "/healthz and /metrics are not served: %s port %d cannot be had (%s); set another health.port, or 0",
            config.host,
            config.port,
            error.strerror,
        )
        return 0
    log.info("/healthz, /readyz and /metrics are served on %s port %d", config.host, config.port)
    return config.port
