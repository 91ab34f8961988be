"""`paperboy doctor`, as a person types it: on this machine alone, and with a Discord, sources and a model on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import aiohttp
import numpy as np
import pytest
import tomli_w
from aiohttp import web

from bot.app import utc_now
from bot.cli import main
from bot.config import Config, DiscordConfig
from bot.terminal import doctor_here, doctor_web
from bot.terminal.doctor_channels import channels
from bot.terminal.doctor_web import Answer, ask, clock, model, outside
from bot.terminal.findings import Finding, State, safe, within
from papers.subscription import Kind
from papers.subscription import State as Posting
from sandbox.press import REPLIES
from sandbox.wire.channels import FORUM, GUILD_ID, PUBLIC_THREAD
from sandbox.wire.rest import TOKEN, serving
from search.meaning import embedder
from search.vectors import Vectors
from storage.checking import damage
from storage.engine import StorageError
from storage.instance import only_instance
from storage.store import Store
from tests.bot.conftest import Wire
from tests.bot.conftest import wire as wire
from tests.factories import NOW, subscription
from tests.search.test_meaning import Make, make

__all__ = ["make"]

Doctor = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Ask the doctor, with a model; the exit code, and what is said of each thing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", TOKEN)

    def doctor(model: str = "") -> tuple[int, dict[str, str]]:
        # Nothing listens on port 1; on the usual one somebody else's Paperboy may.
        Path("config.toml").write_text(f'[search]\nmodel = "{model}"\n[health]\nport = 1\n')
        with pytest.raises(SystemExit) as left:
            main(["doctor", "--offline"])
        out, err = capsys.readouterr()
        assert err == ""
        assert TOKEN not in out
        assert isinstance(left.value.code, int)
        return left.value.code, {line[:11].strip(): line[12:] for line in out.splitlines() if line}

    return doctor


@pytest.fixture(scope="module")
def papers_read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all papers of the stand-in in its store and its index."""
    folder = tmp_path_factory.mktemp("filled")
    with contextlib.chdir(folder), pytest.raises(SystemExit) as left:
        main(["import", *map(str, sorted(REPLIES.glob("*.json")))])
    assert left.value.code == 0
    return folder


@pytest.fixture
def filled(doctor: Doctor, papers_read: Path) -> Doctor:
    shutil.copytree(papers_read, Path.cwd(), dirs_exist_ok=True)
    return doctor


def test_with_nothing_set_all_is_well_and_meaning_is_off(filled: Doctor) -> None:
    code, said = filled()
    papers = said["papers"].split()[1]
    assert code == 0
    assert int(papers) > 50
    assert said["papers"] == f"ok     {papers} papers in sqlite:///paperboy.db"
    assert said["index"] == f"ok     {papers} papers, as many as in the store"
    assert said["meaning"].startswith("off    search goes by words alone; search.model in the settings names a model")


def test_a_model_is_told_with_its_vectors(filled: Doctor, make: Make) -> None:
    folder = str(make("tiny"))
    model = embedder(folder)
    code, said = filled(folder)
    papers = said["papers"].split()[1]
    assert code == 0
    of_papers = f"ok     {folder} ({model.name}), 16 numbers a vector, {{}} of {papers} papers"
    assert said["meaning"] == of_papers.format(0) + ": the rest comes while the bot runs, ten a second"
    vectors = Vectors(Path("paperboy.vectors"), model.name, 16)
    vectors.add([str(number) for number in range(int(papers))], np.eye(16, dtype=np.float32)[np.arange(int(papers)) % 16])
    vectors.close()
    assert filled(folder)[1]["meaning"] == of_papers.format(papers)


def test_a_model_that_is_not_there_is_wrong_and_says_what_to_do(filled: Doctor) -> None:
    code, said = filled("no-such-model")
    assert code == 1
    assert said["meaning"].startswith("WRONG  there is no model “no-such-model” on this machine: name a folder")
    assert said["meaning"].endswith("Until then search goes by words alone")


def test_an_index_that_lacks_papers_is_told(filled: Doctor) -> None:
    for file in Path("paperboy.index").rglob("*"):
        if file.is_file():
            file.write_bytes(b"")
    code, said = filled()
    papers = said["papers"].split()[1]
    assert (code, said["index"]) == (1, f"WRONG  0 of {papers} papers: the rest comes by itself with the next search or fetch")


def test_where_nothing_is_it_says_so_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", TOKEN)
    with pytest.raises(SystemExit):
        main(["doctor", "--offline"])
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "settings    note   no config.toml in this folder: the defaults are used"
    assert "papers      note   there is no database paperboy.db yet: paperboy run makes it" in told
    assert list(tmp_path.iterdir()) == []
    Path("other.toml").write_text("[health]\nport = 1\n")
    with pytest.raises(SystemExit):
        main(["doctor", "--offline", "--config", "other.toml"])
    assert "settings" not in capsys.readouterr().out


def test_a_store_that_cannot_be_opened_is_told(doctor: Doctor) -> None:
    Path("paperboy.db").write_text("this is no database, and never was one" * 100)
    code, said = doctor()
    assert code == 1
    assert said["papers"].startswith("WRONG")
    assert said["database"].startswith("WRONG  paperboy.db is damaged (")
    assert "docs/keeping.md" in said["database"]
    assert "index" not in said


def test_without_a_token_it_says_how_to_get_one(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAPERBOY_DISCORD_TOKEN")
    code, said = doctor()
    assert code == 1
    assert said["token"].startswith("WRONG  no Discord token: `paperboy init` asks for it")


def test_what_is_no_token_is_told_and_not_shown(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", "the-client-secret-of-the-application")
    code, said = doctor()
    assert code == 1
    assert said["token"].startswith("WRONG  a bot’s token has three parts")
    assert not any("secret-of" in line for line in said.values())


def test_a_token_file_that_others_can_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAPERBOY_DISCORD_TOKEN", raising=False)
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    secret, finding = doctor_here.token_of(DiscordConfig(token_file=str(file)))
    assert (secret, finding.state) == (TOKEN, State.NOTE)
    assert "chmod 600" in finding.said
    file.chmod(0o600)
    assert doctor_here.token_of(DiscordConfig(token_file=str(file)))[1].state is State.WELL


def test_a_sound_file_is_told_with_its_size_and_room(filled: Doctor) -> None:
    said = filled()[1]
    assert said["database"].startswith("ok     paperboy.db is sound, ")
    assert said["disk"].endswith(" GiB free")


def test_a_full_disk_is_wrong(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=7 * 2**20))
    code, said = doctor()
    assert (code, said["disk"][:27]) == (1, "WRONG  7 MiB are free in /t"[:27])


def test_a_damaged_file_is_found_though_it_opens(filled: Doctor) -> None:
    with closing(sqlite3.connect("paperboy.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = Path("paperboy.db").stat().st_size
    with Path("paperboy.db").open("r+b") as file:
        for page in range(size // 4096 // 2, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 100)
    assert damage(Path("paperboy.db"), 10) != ""


def test_a_check_that_takes_too_long_is_broken_off(filled: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TimeoutError):
        damage(Path("paperboy.db"), -1.0)
    with pytest.raises(StorageError, match="cannot be read"):
        damage(Path("nowhere.db"), 10)


def test_the_xml_parser_and_the_time_zones_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pyexpat.EXPAT_VERSION", "expat_2.5.0")
    old = doctor_here.versions()[-1]
    assert (old.thing, old.state) == ("expat", State.NOTE)
    assert "without entities" in old.said
    monkeypatch.setattr("pyexpat.EXPAT_VERSION", "expat_2.10.1")
    assert doctor_here.versions()[-1] == Finding("expat", State.WELL, "2.10.1")
    monkeypatch.setattr("zoneinfo.TZPATH", (str(tmp_path),))
    assert "of the package tzdata" in doctor_here.zones().said
    (tmp_path / "tzdata.zi").write_text("# version 2019c\nR A 1\n")
    assert (doctor_here.zones().state, "of 2019c" in doctor_here.zones().said) == (State.NOTE, True)
    (tmp_path / "tzdata.zi").write_text("# version 2099a\n")
    assert doctor_here.zones() == Finding("time zones", State.WELL, "version 2099a, of this machine")


def test_the_bot_that_runs_here_is_named(filled: Doctor) -> None:
    assert filled()[1]["bot"] == "off    is not running here: paperboy run starts it"
    with only_instance(Path("paperboy.db"), "run", utc_now() - timedelta(hours=3)):
        said = filled()[1]["bot"]
    assert said.startswith(f"note   process {os.getpid()} on host ")
    assert "for 3 hours, but does not answer at port 1 " in said


async def test_what_never_answers_is_wrong_and_does_not_hold_up() -> None:
    async def look() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    (finding,) = await within(0.01, "store", look())
    assert (finding.thing, finding.state) == ("store", State.WRONG)


# With a Discord, sources and a model on loopback.


def by_thing(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.thing: finding for finding in findings}


async def test_what_answers_is_well(wire: Wire) -> None:
    said = by_thing(await outside(wire.config, TOKEN))
    assert {thing: finding.state for thing, finding in said.items()} == {
        "discord": State.WELL, "huggingface": State.WELL, "arxiv": State.WELL, "model": State.OFF, "clock": State.WELL,
    }  # fmt: skip
    assert said["discord"].said == "takes the token; 1000 of 1000 starts are left today"
    assert len(wire.rest.log) == 1
    assert len(wire.press.feeds) == 1
    assert len(wire.press.statuses) == 1


async def test_a_refused_token_and_a_day_without_starts_are_wrong(wire: Wire) -> None:
    refused = by_thing(await outside(wire.config, TOKEN + "x"))["discord"]
    assert (refused.state, refused.said[:17]) == (State.WRONG, "refuses the token")
    wire.rest.world.session_starts.remaining = 0
    spent = by_thing(await outside(wire.config, TOKEN))["discord"]
    assert (spent.state, spent.said[:25]) == (State.WRONG, "no start is left for toda")
    assert by_thing(await outside(wire.config, None))["discord"].state is State.WELL  # reached, and more cannot be said


async def test_what_cannot_be_reached_is_wrong_and_says_where_to_look() -> None:
    nowhere = "http://127.0.0.1:9"
    sources = {"huggingface": {"url": nowhere}, "arxiv": {"enabled": False}}
    config = Config.model_validate({"discord": {"api_url": nowhere}, "sources": sources})
    said = by_thing(await outside(config, TOKEN))
    assert said["discord"].state is said["huggingface"].state is State.WRONG
    assert said["discord"].said.endswith(": check discord.api_url")
    assert "sources.huggingface.url" in said["huggingface"].said
    assert (said["arxiv"].state, said["clock"].state) == (State.OFF, State.NOTE)


async def test_a_service_that_hangs_is_left_after_a_while_and_a_large_answer_is_not_read_whole() -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async def much(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 2**20)

    app = web.Application()
    app.router.add_get("/hang", hang)
    app.router.add_get("/much", much)
    async with serving(app) as address, aiohttp.ClientSession() as session:
        assert (await ask(session, f"http://{address}/hang", timeout_s=0.05)).why == "no answer within 0.05 s"
        assert 0 < len((await ask(session, f"http://{address}/much")).body) <= 256 * 1024


@pytest.mark.parametrize(
    ("ahead_s", "state", "word"),
    [(4.0, State.WELL, "right"), (400.0, State.WRONG, "400 s fast"), (-90.0, State.WRONG, "90 s slow")],
)
def test_the_clock_is_compared_with_who_tells_the_time(ahead_s: float, state: State, word: str) -> None:
    finding = clock([Answer(why="no answer"), Answer(200, ahead_s=ahead_s)])
    assert (finding.state, finding.said.startswith(word)) == (state, True)


def test_a_date_header_tells_how_far_our_clock_is_ahead() -> None:
    now = datetime(2026, 6, 10, 9, 0, 40, tzinfo=UTC)
    assert doctor_web._ahead_s("Wed, 10 Jun 2026 09:00:00 GMT", now) == 40.0
    assert doctor_web._ahead_s("soon", now) is None
    assert doctor_web._ahead_s(None, now) is None


@asynccontextmanager
async def models(told: object, status: int = 200) -> AsyncIterator[tuple[str, list[Mapping[str, str]]]]:
    """A server that has /models; its address, and the headers of every request."""
    heard: list[Mapping[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append(request.headers)
        return web.json_response(told, status=status)

    app = web.Application()
    app.router.add_get("/v1/models", answer)
    async with serving(app) as address:
        yield f"http://{address}/v1", heard


@pytest.mark.parametrize(
    ("told", "status", "state", "word"),
    [
        ({"data": [{"id": "small:latest"}, {"id": "large"}]}, 200, State.WELL, "small at http"),
        ({"data": [{"id": "large\x1b[31m"}]}, 200, State.NOTE, "its server does not name small among its models (large[31m)"),
        ({"error": "no such page"}, 404, State.NOTE, "its server answers, and does not tell"),
        ([1, 2], 200, State.NOTE, "its server answers, and does not tell"),
        ({}, 401, State.WRONG, "its server refuses the key"),
        ({}, 502, State.WRONG, "its server does not answer (HTTP 502)"),
    ],
)
async def test_the_model_is_asked_for_by_name(
    told: object, status: int, state: State, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERBOY_MODEL_KEY", "key-of-mine")
    async with models(told, status) as (url, heard), aiohttp.ClientSession() as session:
        finding = await model(session, Config.model_validate({"model": {"url": url, "name": "small"}}))
    assert (finding.state, finding.said[: len(word)]) == (state, word)
    assert "key-of-mine" not in finding.said
    assert [headers["Authorization"] for headers in heard] == ["Bearer key-of-mine"]


async def test_what_is_missing_in_a_channel_is_named_with_the_channel(wire: Wire) -> None:
    world = wire.rest.world
    good, closed, forum = (
        world.add_channel("good"),
        world.add_channel("closed", can_send=False),
        world.add_channel("posts", FORUM),
    )
    thread = world.add_channel("talk", PUBLIC_THREAD, parent_id=good.id, owner_id=1)
    good.can_send_in_threads = False
    forum.can_read_history = False
    orders = [
        subscription(guild_id=GUILD_ID, channel_id=good.id),
        subscription(guild_id=GUILD_ID, channel_id=closed.id),
        subscription(guild_id=GUILD_ID, channel_id=forum.id, kind=Kind.FORUM),
        subscription(guild_id=GUILD_ID, channel_id=thread.id, kind=Kind.THREAD),
        subscription(guild_id=GUILD_ID, channel_id=12345),
        subscription(guild_id=777, channel_id=5),
    ]
    said = [finding.said.split(":")[0] for finding in await channels(orders, TOKEN)]
    assert said == [
        "#closed of Loopback lacks “Send Messages”",
        "#posts of Loopback lacks “Read Message History”",
        "#talk of Loopback lacks “Send Messages in Threads”",
        "channel 12345 of Loopback is gone or hidden",
        "Paperboy is not in server 777 any more",
    ]
    assert {finding.state for finding in await channels(orders[:1], TOKEN)} == {State.WELL}
    assert [finding.state for finding in await channels([], TOKEN)] == [State.OFF]
    assert [finding.state for finding in await channels(orders, TOKEN + "x")] == [State.OFF]


async def test_the_whole_of_it_over_the_wire(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", TOKEN)
    channel = wire.rest.world.add_channel("papers")
    await wire.subscribe(channel, at=time(9))
    settings = {"health": {"port": 1}, **wire.config.model_dump(include={"discord", "database", "sources"}, exclude_none=True)}
    Path("config.toml").write_text(tomli_w.dumps(settings))

    async def doctor() -> tuple[object, dict[str, str]]:
        with pytest.raises(SystemExit) as left:
            await asyncio.to_thread(main, ["doctor"])
        out, err = capsys.readouterr()
        assert (err, TOKEN in out) == ("", False)
        return left.value.code, {line[:11].strip(): line[12:] for line in out.splitlines()}

    code, said = await doctor()
    assert (code, said["channels"][:15]) == (0, "ok     1 on 1 s")
    assert list(said) == [
        "token", "python", "sqlite", "expat", "time zones", "disk", "database", "papers", "index", "meaning", "bot", "discord",
        "huggingface", "arxiv", "model", "clock", "channels",
    ]  # fmt: skip
    channel.can_send = False
    code, said = await doctor()
    assert (code, said["channels"][:46]) == (1, "WRONG  #papers of Loopback lacks “Send Message")


async def test_the_channels_of_subscriptions_that_post_or_wait_are_looked_at(store: Store) -> None:
    made = [await store.subscriptions.add(subscription(guild_id=1, channel_id=channel_id), NOW) for channel_id in (1, 2, 3)]
    await store.subscriptions.add(subscription(guild_id=0, channel_id=9, user_id=9, kind=Kind.INBOX), NOW)
    await store.subscriptions.set_state(made[1].id, Posting.PAUSED, NOW)
    await store.subscriptions.set_state(made[2].id, Posting.SHUT_OUT, NOW)
    assert {order.channel_id for order in await store.subscriptions.of_servers()} == {1, 3}


def test_what_comes_from_outside_stays_on_one_line() -> None:
    assert safe("a\nb\x1b[2J\u202ec", 80) == "ab[2Jc"
    assert safe("x" * 90, 5) == "xxxx…"
