"""Logging set-up: one line an event, on standard error."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
# At DEBUG these print request bodies and addresses, and those hold tokens.
_NEVER_DEBUG = ("discord", "aiohttp", "asyncio")

_TALKATIVE = ("apscheduler", "alembic", "stamina", "sqlalchemy", "aiosqlite", "openai", "httpx2", "httpcore2")


def set_up(level: str) -> None:
    """Send log lines of that level ("debug" … "error") and above to standard error."""
    logging.basicConfig(level=level.upper(), format=_FORMAT, force=True)
    for least, names in ((logging.INFO, _NEVER_DEBUG), (logging.WARNING, _TALKATIVE)):
        for name in names:
            logging.getLogger(name).setLevel(max(least, logging.getLogger().level))
