"""What is logged and how; secrets by their shapes; and row O1: a log that nobody reads, or that is closed."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.watching.logs import REQUEST, Format, Sink, logging_to_stderr, set_up, to_descriptor
from bot.watching.redaction import REDACTED, Redactor

ROOT = Path(__file__).parents[3]
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
KEY = "local key with 'quotes' and \\ too"
log = logging.getLogger("digests.example")

Lines = Callable[[], list[str]]


@contextmanager
def logged(form: Format, level: str = "info", waiting: int = 100) -> Iterator[list[str]]:
    """The lines that were written, once the block has ended."""
    reader, writer = os.pipe()
    lines: list[str] = []

    def read() -> None:
        with os.fdopen(reader, encoding="utf-8") as file:
            lines.extend(line.rstrip("\n") for line in file)

    thread = threading.Thread(target=read)
    thread.start()
    with to_descriptor(writer, level, form, [TOKEN, KEY], waiting):
        yield lines
    os.close(writer)
    thread.join()


def test_a_line_of_text_has_time_level_logger_interaction_and_message() -> None:
    with logged("text") as lines:
        log.info("edition posted: %s", "x", extra={"papers": 5})
        before = REQUEST.set("c0ffee00")
        log.warning("slow")
        REQUEST.reset(before)
        log.debug("not this")
    first, second = lines
    assert first.endswith("Z INFO    digests.example: edition posted: x")
    assert second.endswith("Z WARNING digests.example [c0ffee00]: slow")
    assert len(first.split()[0]) == len("2026-06-10T12:30:00.000Z")


def test_a_line_of_json_has_the_values_too() -> None:
    with logged("json") as lines:
        REQUEST.set("c0ffee00")
        log.info("édition posted", extra={"event": "edition", "papers": 5, "lateness_s": 1.5, "day": "2026-06-10", "level": "no"})
        try:
            raise ValueError("because")
        except ValueError:
            log.exception("failed")
        REQUEST.set("")
    first, second = map(json.loads, lines)
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info",
        "logger": "digests.example",
        "message": "édition posted",
        "request": "c0ffee00",
        "event": "edition",
        "papers": 5,
        "lateness_s": 1.5,
        "day": "2026-06-10",
    }
    assert second["exception"].endswith("ValueError: because")
    assert second["level"] == "error"


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_text_can_pass_for_another_line(form: Format) -> None:
    with logged(form) as lines:
        log.info("title: %s", "a\n2026-06-10T12:30:00.000Z ERROR   bot: forged\r\x1b[2J\u2028x")
    if form == "json":
        (line,) = lines
        assert "forged" in json.loads(line)["message"]
    else:
        first, second = lines
        assert "forged" not in first
        assert second.startswith("    2026")
        assert second.endswith("forged\\x0d\\x1b[2J\\u2028x") or second.endswith("forged\\x0d\\x1b[2J\\x2028x")


def test_the_log_is_as_it_was_when_it_is_over() -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    hooks = threading.excepthook, sys.unraisablehook
    with logged("text"):
        assert root.handlers != before
    assert root.handlers == before
    assert (threading.excepthook, sys.unraisablehook) == hooks
    assert [thread for thread in threading.enumerate() if thread.name == "log"] == []


def test_what_no_block_catches_is_logged() -> None:
    def fail() -> None:
        raise ValueError(f"with {TOKEN}")

    with logged("text") as lines:
        thread = threading.Thread(target=fail, name="x")
        thread.start()
        thread.join()
    text = "\n".join(lines)
    assert "CRITICAL bot.watching.logs: uncaught in thread x" in text
    assert f"ValueError: with {REDACTED}" in text


# Secrets

_WORD = st.text("abcdefghijkmnpqruvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789_-", min_size=30, max_size=90).filter(
    lambda text: text[0] not in "-_" and text[-1] not in "-_"
)
_ID = st.integers(10**16, 2**63).map(str)
_NOISE = st.text(st.characters(codec="utf-8"), max_size=40)


def _sized(least: int, most: int) -> st.SearchStrategy[str]:
    return st.text("abcdefghijkmnpqruvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789_-", min_size=least, max_size=most)


_TOKENS = st.builds("{}.{}.{}".format, _sized(23, 28), _sized(6, 7), _sized(27, 40))
SHAPES = {
    "a bot's token": st.tuples(_TOKENS, st.sampled_from(["{}", "Bot {}", "token {} was refused", "('{}',)", '{{"a": "{}"}}'])),
    "a webhook's address": st.tuples(
        _WORD,
        _ID.flatmap(
            lambda id_: st.sampled_from(
                [
                    f"https://discord.com/api/webhooks/{id_}/{{}}",
                    f"https://discord.com/api/v10/webhooks/{id_}/{{}}/messages/@original?wait=true",
                    f"URL('http://127.0.0.1:1/api/v10/interactions/{id_}/{{}}/callback')",
                    f"redirect=https%3A%2F%2Fdiscord.com%2Fapi%2Fwebhooks%2F{id_}%2F{{}}%2Fslack",
                    f"bucket abc:{id_}+{{}}",
                ]
            )
        ),
    ),
    "a field of a body": st.tuples(
        _WORD,
        st.sampled_from(
            [
                '{{"id": "1", "token": "{}", "type": 2}}',
                "{{'token': '{}', 'version': 1}}",
                '"{{\\"webhook_token\\": \\"{}\\"}}"',
                "client_secret='{}'",
                "?access_token={}&x=1",
                "{{'api_key': b'{}'}}",
            ]
        ),
    ),
    "a header": st.tuples(
        _WORD,
        st.sampled_from(
            [
                "Authorization: Bot {}",
                "authorization: Bearer {}\r\nHost: x",
                "{{'Authorization': 'Bot {}'}}",
                "[(b'host', b'x'), (b'authorization', b'Bearer {}')]",
                "<CIMultiDictProxy('Authorization': 'Bot {}', 'User-Agent': 'x')>",
            ]
        ),
    ),
    "a model's key": st.tuples(
        _sized(20, 60).map(lambda text: f"sk-{text}"), st.sampled_from(["{}", "Incorrect API key provided: {}.", "key={}"])
    ),
    "a password": st.tuples(_WORD, st.sampled_from(["postgresql://paperboy:{}@db.example/x"])),
}


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
def test_secrets_are_known_by_their_shape(shape: str, data: st.DataObject) -> None:
    secret, frame = data.draw(SHAPES[shape])
    before, after = data.draw(_NOISE), data.draw(_NOISE)
    assume(secret not in before + after + REDACTED)
    text = f"{before} {frame.format(secret)} {after}"
    assert secret not in Redactor()(text)
    assert secret not in json.dumps(Redactor().value({"extra": [text, {"x": text}]}))


@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=60).filter(str.strip), _NOISE)
def test_our_own_are_known_by_their_value(secret: str, noise: str) -> None:
    redact = Redactor([secret])
    for form in (secret, json.dumps(secret), repr(secret), quote(secret)):
        if secret not in noise + REDACTED:
            assert secret not in redact(f"{noise}{form}")


@pytest.mark.parametrize(
    "text",
    [
        "edition posted: subscription 12, 2026-06-10, 5 papers, message 123456789012345678",
        "the model's day: 8192 tokens, token budget of 12 left",
        "multi-agent risk-aware-reinforcement-learning-for-robots in tests.wire.test_sending",
        "papers of 2026-06-10: 50 listed by huggingface, 3 new",
        "https://arxiv.org/abs/2401.01234v2 and 10.48550/arXiv.2401.01234",
        "basic understanding, a bot named paperboy",
        'File "/x/search/index.py", line 12, in _catch_up\n    raise IndexUnavailable(problem)',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor([TOKEN])(text) == text


def test_a_long_text_of_anything_is_looked_through_quickly() -> None:
    """A shape that goes back and forth would take hours for one of these."""
    for text in ("a", "a-.", "token", "token='", "\\", "://a:", "1+"):
        Redactor([TOKEN])(text * (200_000 // len(text)))


# O1


def test_o1_a_sink_that_nobody_reads_holds_nothing_up_and_what_is_lost_is_counted() -> None:
    reader, writer = os.pipe()
    with to_descriptor(writer, "info", "text", waiting=50) as sink:
        for number in range(3_000):
            log.info("%d %s", number, "x" * 200)
        assert 0 < sink.dropped < 3_000
    # The end did not wait for it, either. What is read now tells how much is missing.
    assert os.read(reader, 100).endswith(b"x")
    os.close(reader)  # the thread that hangs in it goes on, and ends
    sink._thread.join()
    os.close(writer)


def test_o1_when_somebody_reads_again_the_log_says_how_much_is_missing() -> None:
    reader, writer = os.pipe()
    lines: list[str] = []

    def read() -> None:
        with os.fdopen(reader, encoding="utf-8") as file:
            lines.extend(file)

    with to_descriptor(writer, "info", "text", waiting=50) as sink:
        for number in range(3_000):
            log.info("%d %s", number, "x" * 200)
        thread = threading.Thread(target=read)
        thread.start()
        _drained(sink)
        log.info("later")
        _drained(sink)
        log.info("last")
        dropped = sink.dropped
    os.close(writer)
    thread.join()
    told = [int(found[1]) for line in lines if (found := re.search(r"(\d+) log lines were left out", line))]
    assert sum(told) == dropped == 3_002 - (len(lines) - len(told))
    assert lines[-1].endswith("last\n")


def _drained(sink: Sink) -> None:
    """Until the thread has taken what was waiting."""
    done = threading.Event()
    while not sink._queue.empty():
        done.wait(0.01)


def test_o1_a_closed_sink_is_no_fault() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with to_descriptor(writer, "info", "json") as sink:
        log.info("into nothing")
        log.info("again")
    assert sink.dropped == 2
    os.close(writer)
    with to_descriptor(None, "info", "text") as sink:
        log.info("nowhere")
    assert sink.dropped == 0


def test_o1_a_record_that_cannot_be_printed_is_one_line_less() -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no")

    with logged("text") as lines:
        log.info("%s", Bad())
        log.info("%d papers", "five")
        log.info("fine", extra={"what": Bad()})
        log.info("fine")
    assert [line.rpartition(": ")[2] for line in lines] == ["fine", "fine"]


_PROGRAM = """
import logging, sys
from bot.watching.logs import logging_to_stderr
with logging_to_stderr("info", "text") as sink:
    for number in range(6_000):
        logging.getLogger("x").info("line %d %s", number, "y" * 100)
print("done")
"""


@pytest.mark.parametrize("how", ["nobody reads", "closed"])
def test_o1_a_process_goes_on_and_ends_whatever_becomes_of_its_standard_error(how: str) -> None:
    if how == "closed":
        done = subprocess.run(
            ["/bin/sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, _PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, timeout=60
        )
        assert (done.returncode, done.stdout) == (0, b"done\n")
        return
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read() == b"done\n"  # and nothing of standard error was read meanwhile
        assert process.wait(60) == 0


def test_a_stream_that_is_no_file_takes_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with logging_to_stderr("info", "text") as sink:
        log.info("nowhere")
    assert sink.dropped == 0


def test_commands_of_the_terminal_redact_too(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info")
    log.info("Authorization: Bot %s", TOKEN)
    assert capsys.readouterr().err.endswith(f"Authorization: Bot {REDACTED}\n")


def test_libraries_tell_no_details_even_at_debug() -> None:
    """Whole requests hold what people typed."""
    set_up("debug")
    assert not logging.getLogger("discord.http").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("aiohttp.client").isEnabledFor(logging.DEBUG)
    assert log.isEnabledFor(logging.DEBUG)
