"""The sample papers that come with the project."""

from __future__ import annotations

import json

from sandbox.press import REPLIES, days_in
from sources.huggingface import papers_in

SAMPLE = [p for day in days_in(REPLIES) for p in papers_in(json.loads((REPLIES / f"{day}.json").read_text("utf-8")), day)]
