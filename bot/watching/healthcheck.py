"""`python -m bot.watching.healthcheck [CONFIG]`: whether the running bot answers on /healthz; exit code 0 or 1.

For containers, which ask every half minute and have no shell: it loads next to nothing of Paperboy.
"""

from __future__ import annotations

import sys
import tomllib
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_TIMEOUT_S = 5.0
HOST, PORT = "127.0.0.1", 9642  # as bot/config.py has them
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (what a server listens on, to be asked at this machine)


def main() -> int:
    """Ask where the settings say, ./config.toml unless another file is named; without any port all is well."""
    host, port = address(Path(sys.argv[1] if len(sys.argv) > 1 else "config.toml"))
    return 0 if port == 0 or is_answering(host, port) else 1


def address(settings: Path) -> tuple[str, int]:
    """Where /healthz is; as by default where the file does not tell."""
    try:
        health = tomllib.loads(settings.read_text(encoding="utf-8")).get("health", {})
        host, port = str(health.get("host", HOST)), int(health.get("port", PORT))
    except (OSError, ValueError, AttributeError):
        return HOST, PORT
    return address_of(host), port


def address_of(host: str) -> str:
    """Where a server that listens on ``host`` is asked from this machine, as it stands in a URL."""
    host = _EVERYWHERE.get(host, host)
    return f"[{host}]" if ":" in host else host


def is_answering(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
