"""What can be checked of deploy/ without Docker and without systemd as the first process.

And an empty folder's way to its first edition, with every process of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.config import HealthConfig, load
from bot.terminal.command import WrongUse
from bot.terminal.init import init
from bot.watching import healthcheck
from sandbox.wire.rest import TOKEN

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy/paperboy.service").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements-run.lock", "requirements-build.lock")
SOON_S = 60.0


# What is installed


def pinned(lock: str) -> dict[str, str]:
    """The lock's packages with their version and marker; each has at least one hash."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.lstrip().startswith("#"):
            match = re.fullmatch(r"([a-z0-9.-]+)==(\S+)( ;[^-]*(?:-(?!-)[^-]*)*)?((?: +--hash=sha256:[0-9a-f]{64})+) *", line)
            assert match, f"{lock}: {line[:80]}"
            found[match[1]] = match[2]
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_by_hash_at_the_version_that_is_tested(lock: str) -> None:
    tested = pinned("requirements.lock")
    assert {name: version for name, version in pinned(lock).items() if tested.get(name) != version} == {}


def test_what_the_program_needs_is_in_the_lock_and_what_only_we_need_is_not() -> None:
    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=]", requirement)[0].lower().replace(".", "-") for requirement in requirements}

    extras = PROJECT["project"]["optional-dependencies"]
    locked = {name.replace(".", "-") for name in pinned("requirements-run.lock")}
    assert names(PROJECT["project"]["dependencies"] + extras["model"]) <= locked
    assert not (names(extras["dev"] + extras["demo"]) & locked)
    assert names(PROJECT["build-system"]["requires"]) <= {*pinned("requirements-build.lock")}


# The image


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, without comments and with continued lines joined: name and the rest."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def the(name: str) -> str:
    """The one in the last stage."""
    last = max(number for number, (each, _) in enumerate(instructions()) if each == "FROM")
    (found,) = [rest for each, rest in instructions()[last:] if each == name]
    return found


def test_everything_runs_without_a_shell_and_as_no_root() -> None:
    for name in ("ENTRYPOINT", "CMD"):
        assert isinstance(json.loads(the(name)), list)
    assert json.loads(the("ENTRYPOINT")) + json.loads(the("CMD")) == ["paperboy", "run"]
    for name, rest in instructions():
        assert name != "RUN" or isinstance(json.loads(re.sub(r" +", " ", rest)), list), rest
    health = the("HEALTHCHECK").partition(" CMD ")[2]
    assert json.loads(health) == ["python", "-m", "bot.watching.healthcheck"]
    user, _, group = the("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0
    assert (the("STOPSIGNAL"), the("WORKDIR"), the("VOLUME")) == ("SIGTERM", "/data", "/data")


def test_every_installation_in_the_image_is_by_hash_or_of_what_is_there() -> None:
    pips = [json.loads(re.sub(r" +", " ", rest)) for name, rest in instructions() if name == "RUN" and '"pip"' in rest]
    assert len(pips) == 4
    for words in pips:
        assert "--require-hashes" in words or "--no-index" in words, words
        assert "--only-binary=:all:" in words or "--no-build-isolation" in words or "--find-links" in words, words
    used = {word for words in pips for word in words if word.endswith(".lock")}
    assert used == set(LOCKS)


def test_the_base_image_is_pinned_to_a_version_that_we_support() -> None:
    (argument,) = [rest for name, rest in instructions() if name == "ARG"]
    match = re.fullmatch(r"PYTHON=3\.(\d+)-slim", argument)
    assert match
    assert int(match[1]) >= int(PROJECT["project"]["requires-python"].removeprefix(">=3."))
    assert [rest.split(" ")[0] for name, rest in instructions() if name == "FROM"] == ["python:${PYTHON}"] * 2


def test_the_image_is_built_from_what_the_program_is_made_of_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    project = {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"], "pyproject.toml"}
    assert kept == {*wheel["packages"], *wheel["force-include"], *project, *LOCKS}
    assert "*" in lines
    for name in kept:
        assert (ROOT / name).exists(), name


# The composition


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    services: dict[str, Any] = COMPOSE["services"]
    (found,) = services.values()
    assert isinstance(found, dict)
    return found


COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))


def test_the_container_can_do_no_more_than_it_must(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert "ports" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert "pids_limit" in service
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]  # noqa: S108
    assert [volume["target"] for volume in service["volumes"]] == ["/data"]
    assert not service["user"].startswith(("0", "root"))


def test_the_token_comes_as_a_secret_and_what_is_named_exists(service: dict[str, Any]) -> None:
    assert service["environment"] == {"PAPERBOY_DISCORD_TOKEN_FILE": "/run/secrets/token"}
    assert service["secrets"] == ["token"] == list(COMPOSE["secrets"])
    context = (ROOT / "deploy" / service["build"]["context"]).resolve()
    assert context == ROOT
    assert (context / service["build"]["dockerfile"]).is_file()
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {"/deploy/token", "/deploy/data/", "/token", "/config.toml"} <= set(ignored)


# The service


def settings() -> dict[str, list[str]]:
    """The unit's, by name; one may stand there several times."""
    found: dict[str, list[str]] = {}
    for line in UNIT.splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_the_service_is_shut_in_and_gets_its_token_from_systemd() -> None:
    unit = settings()
    for name in ("DynamicUser", "NoNewPrivileges", "PrivateDevices", "PrivateTmp", "ProtectHome", "ProtectKernelTunables",
                 "RestrictNamespaces", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute"):  # fmt: skip
        assert unit[name] == ["yes"], name
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["CapabilityBoundingSet"] == [""]
    assert unit["UMask"] == ["0077"]
    (credential,) = unit["LoadCredential"]
    assert f"PAPERBOY_DISCORD_TOKEN_FILE=%d/{credential.split(':')[0]}" in unit["Environment"]
    assert unit["StateDirectory"] == [unit["WorkingDirectory"][0].removeprefix("%S/")]


def test_the_service_is_not_started_again_where_that_cannot_help() -> None:
    assert settings()["RestartPreventExitStatus"] == [str(WrongUse.exit_code)]
    assert settings()["Restart"] == ["on-failure"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_understands_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    unit = tmp_path / "paperboy.service"
    unit.write_text(UNIT.replace("/opt/paperboy/bin/paperboy", sys.executable))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=SOON_S)  # noqa: S607
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],  # noqa: S607
        capture_output=True, text=True, timeout=SOON_S,
    )  # fmt: skip
    if "Unrecognized option" in rated.stderr or "unrecognized option" in rated.stderr:
        pytest.skip("this systemd-analyze rates no files")
    assert rated.returncode == 0, rated.stdout[-200:]


# The health check


def test_the_health_check_asks_where_the_settings_say(tmp_path: Path) -> None:
    default = HealthConfig()
    assert (default.host, default.port) == (healthcheck.HOST, healthcheck.PORT)
    file = tmp_path / "config.toml"
    assert healthcheck.address(file) == (default.host, default.port)
    for text, address in [
        ("[health]\nport = 80", (default.host, 80)),
        ('[health]\nhost = "0.0.0.0"', ("127.0.0.1", default.port)),
        ('[health]\nhost = "::"\nport = 0', ("[::1]", 0)),
        ("health = 3", (default.host, default.port)),
        ("[[[", (default.host, default.port)),
    ]:
        file.write_text(text)
        assert healthcheck.address(file) == address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A `paperboy` of its own in the folder, until the end of the block: it is stopped as a service manager would."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(SOON_S)
        assert process.stdout
        process.stdout.close()


def read_until(process: subprocess.Popen[str], word: str) -> list[str]:
    """What it prints, up to the line that has the word. It fails where the output ends before."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            return lines
    raise AssertionError("".join(lines))


def healthy(folder: Path) -> int:
    command = [sys.executable, "-m", "bot.watching.healthcheck"]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, timeout=SOON_S, check=False).returncode


@pytest.mark.skipif(datetime.now(UTC).weekday() == 6, reason="seen on a Sunday: the stand-in's first edition does not come then")
def test_an_empty_folder_gets_its_first_edition_and_is_healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/installing.md, "Try it first": stand-in, init, run."""
    with started(tmp_path, "stand-in", "--port", "0", "--until-posted") as stand_in:
        told = "".join(read_until(stand_in, "Waiting"))
        settings_ = re.findall(r"--set (\S+)", told)
        (token,) = re.findall(r"PAPERBOY_DISCORD_TOKEN=(\S+)", told)
        assert token == TOKEN
        (tmp_path / "secret").write_text(token)
        given = [word for setting in [*settings_, f"health.port={free_port()}"] for word in ("--set", setting)]
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("PAPERBOY_DISCORD_TOKEN", raising=False)
        made = CliRunner().invoke(init, ["--yes", *given], env={"PAPERBOY_DISCORD_TOKEN_FILE": "secret"})
        assert (made.exit_code, token in made.output) == (0, False)
        assert load(tmp_path / "config.toml").discord.token_file == "secret"
        assert healthy(tmp_path) == 1
        with started(tmp_path, "run"):
            posted = read_until(stand_in, "listed")
            assert "The first edition is posted:\n" in posted
            assert stand_in.wait(SOON_S) == 0
            assert healthy(tmp_path) == 0
        assert healthy(tmp_path) == 1
