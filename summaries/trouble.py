"""Why there is no answer of a model: the one family of errors of this door. What they say never holds a key or an address."""

from __future__ import annotations

from datetime import UTC, datetime

from papers.dates import month_name
from papers.language import N_, _, ngettext

_MINUTE_S = 60


class ModelError(Exception):
    """The model gave no usable answer. The message is for the log; ``note`` is one sentence for a reader."""

    said = N_("The model’s server failed just now.")

    @property
    def note(self) -> str:
        """In the language that is spoken when it is read: several people may wait for one answer."""
        return _(self.said)


class Late(ModelError):
    """No first word, or no last one, in time."""

    said = N_("The model did not answer in time.")


class Busy(ModelError):
    """The server wants fewer requests (HTTP 429); ``after_s`` is for how long, 0.0 where it does not say."""

    said = N_("The model’s server takes no more questions just now.")

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.after_s = after_s


class Refused(ModelError):
    """The server does not take the request as it is (HTTP 400 and the like); the message is its own."""

    said = N_("The model’s server refused the question.")


class Forbidden(ModelError):
    """The settings are wrong: the key, the address or the model's name (HTTP 401, 403, 404), or the client is not installed."""

    said = N_("The model is not set up rightly; who runs Paperboy can see why in the log.")


class Resting(ModelError):
    """Nothing was asked: the model is left alone for another ``left_s`` seconds, as it wanted (``is_busy``) or after failures."""

    def __init__(self, left_s: float, *, is_busy: bool = False) -> None:
        super().__init__(f"the model is left alone for another {left_s:.0f} s")
        self._minutes = max(1, round(left_s / _MINUTE_S))
        self._is_busy = is_busy

    @property
    def note(self) -> str:
        minutes = self._minutes
        if self._is_busy:
            text = ngettext(
                "The model’s server wants a pause and is asked again in about {minutes} minute.",
                "The model’s server wants a pause and is asked again in about {minutes} minutes.",
                minutes,
            )
        else:
            text = ngettext(
                "The model failed several times and is asked again in about {minutes} minute.",
                "The model failed several times and is asked again in about {minutes} minutes.",
                minutes,
            )
        return text.format(minutes=minutes)


class Unusable(ModelError):
    """What it answered cannot be shown; the message says what is wrong with it, for a second try."""

    said = N_("What the model answered could not be used.")


class Spent(ModelError):
    """Nothing was asked: a budget does not allow it, which is everybody's or the server's (``is_servers``)."""

    def __init__(self, until: datetime, *, is_servers: bool) -> None:
        super().__init__(f"{'this server’s' if is_servers else 'today’s'} budget for the model is used up")
        self._until = until.astimezone(UTC)
        self._is_servers = is_servers

    @property
    def note(self) -> str:
        if self._is_servers:
            text = _("This server’s budget for today for the model is used up; it goes on at {time} UTC on {day} {month}.")
        else:
            text = _("Today’s budget for the model is used up; it goes on at {time} UTC on {day} {month}.")
        return text.format(time=f"{self._until:%H:%M}", day=self._until.day, month=month_name(self._until.month))


class TooSoon(ModelError):
    """Nothing was asked: the same person asked a moment ago."""

    def __init__(self, left_s: float) -> None:
        super().__init__("cool-down")
        self._seconds = max(1, round(left_s))

    @property
    def note(self) -> str:
        text = ngettext(
            "You asked the model a moment ago; ask again in {seconds} second.",
            "You asked the model a moment ago; ask again in {seconds} seconds.",
            self._seconds,
        )
        return text.format(seconds=self._seconds)
