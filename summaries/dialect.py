"""What "OpenAI-compatible" means to a particular server: which of the newer parameters it takes. Learnt from its refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

SCHEMA, OBJECT, PLAIN = 2, 1, 0  # how an answer in JSON is asked for: with its schema, as any object, in words alone
_ABOUT_FORMAT = ("response_format", "json_schema", "json_object", "schema", "grammar", "structured")


@dataclass(frozen=True, slots=True)
class Dialect:
    """``limit`` is the name of the parameter for the most tokens: newer services refuse the older one."""

    form: int = SCHEMA
    has_usage: bool = True
    has_temperature: bool = True
    limit: str = "max_tokens"

    def parameters(self, most_tokens: int, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        """The parameters besides model and messages."""
        found: dict[str, Any] = {self.limit: most_tokens}
        if self.has_temperature:
            found["temperature"] = 0.2
        if self.has_usage:
            found["stream_options"] = {"include_usage": True}
        if schema and self.form == SCHEMA:
            found["response_format"] = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}
        elif schema and self.form == OBJECT:
            found["response_format"] = {"type": "json_object"}
        return found

    def simpler(self, complaint: str, *, has_schema: bool) -> Dialect | None:
        """The dialect to try after a refusal, by what the refusal names; None when there is nothing left to leave out."""
        said = complaint.casefold()
        if self.limit in said and self.limit == "max_tokens":
            return replace(self, limit="max_completion_tokens")
        if self.has_temperature and "temperature" in said:
            return replace(self, has_temperature=False)
        if self.has_usage and "stream_options" in said:
            return replace(self, has_usage=False)
        if has_schema and self.form and any(word in said for word in _ABOUT_FORMAT):
            return replace(self, form=self.form - 1)
        # It does not say what it minds: the least common first.
        if has_schema and self.form:
            return replace(self, form=self.form - 1)
        if self.has_usage:
            return replace(self, has_usage=False)
        return replace(self, has_temperature=False) if self.has_temperature else None
