"""Logging set-up: one line an event, on standard error."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
# At DEBUG these print request bodies and addresses, and those hold tokens.
_NEVER_DEBUG = ("discord", "aiohttp", "asyncio")


def set_up(level: str) -> None:
    """Send log lines of that level ("debug" … "error") and above to standard error."""
    logging.basicConfig(level=level.upper(), format=_FORMAT, force=True)
    for name in _NEVER_DEBUG:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger().level))
    for name in ("apscheduler", "alembic", "stamina", "sqlalchemy", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.WARNING)
