"""Why there is no answer of a model: the one family of errors of this door. What they say never holds a key or an address."""

from __future__ import annotations

from datetime import UTC, datetime

_MINUTE_S = 60


class ModelError(Exception):
    """The model gave no usable answer. The message is for the log; ``note`` is one sentence for a reader."""

    note = "The model’s server failed just now."


class Late(ModelError):
    """No first word, or no last one, in time."""

    note = "The model did not answer in time."


class Busy(ModelError):
    """The server wants fewer requests (HTTP 429); ``after_s`` is for how long, 0.0 where it does not say."""

    note = "The model’s server takes no more questions just now."

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.after_s = after_s


class Refused(ModelError):
    """The server does not take the request as it is (HTTP 400 and the like); the message is its own."""

    note = "The model’s server refused the question."


class Forbidden(ModelError):
    """The settings are wrong: the key, the address or the model's name (HTTP 401, 403, 404), or the client is not installed."""

    note = "The model is not set up rightly; who runs Paperboy can see why in the log."


class Resting(ModelError):
    """Nothing was asked: the model is left alone for another ``left_s`` seconds, as it wanted (``is_busy``) or after failures."""

    def __init__(self, left_s: float, *, is_busy: bool = False) -> None:
        super().__init__(f"the model is left alone for another {left_s:.0f} s")
        minutes = max(1, round(left_s / _MINUTE_S))
        why = "The model’s server wants a pause" if is_busy else "The model failed several times"
        self.note = f"{why} and is asked again in about {minutes} minute{'' if minutes == 1 else 's'}."


class Unusable(ModelError):
    """What it answered cannot be shown; the message says what is wrong with it, for a second try."""

    note = "What the model answered could not be used."


class Spent(ModelError):
    """Nothing was asked: a budget does not allow it. ``whose`` is "today’s budget" or "this server’s budget for today"."""

    def __init__(self, whose: str, until: datetime) -> None:
        super().__init__(f"{whose} for the model is used up")
        when = until.astimezone(UTC)
        self.note = (
            f"{whose[:1].upper()}{whose[1:]} for the model is used up; it goes on at {when:%H:%M} UTC on {when.day} {when:%B}."
        )


class TooSoon(ModelError):
    """Nothing was asked: the same person asked a moment ago."""

    def __init__(self, left_s: float) -> None:
        super().__init__("cool-down")
        seconds = max(1, round(left_s))
        self.note = f"You asked the model a moment ago; ask again in {seconds} second{'' if seconds == 1 else 's'}."
