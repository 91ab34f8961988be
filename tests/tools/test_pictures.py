"""Which browser takes the pictures; that they are all made, tests/test_docs.py sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.pictures import NoBrowser, browser_of


def program(folder: Path, name: str) -> str:
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o700)
    return str(file)


def test_a_chromium_on_the_path_is_found(tmp_path: Path) -> None:
    there = program(tmp_path, "google-chrome")
    assert browser_of({"PATH": str(tmp_path)}) == there


def test_the_one_that_is_named_comes_first(tmp_path: Path) -> None:
    program(tmp_path, "chromium")
    mine = program(tmp_path, "my-own")
    assert browser_of({"PATH": str(tmp_path), "CHROMIUM": mine}) == mine


def test_without_one_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoBrowser, match=r"install one .* or name yours in the variable CHROMIUM"):
        browser_of({"PATH": str(tmp_path)})
    with pytest.raises(NoBrowser, match="CHROMIUM names /nowhere, which is no program"):
        browser_of({"PATH": str(tmp_path), "CHROMIUM": "/nowhere"})
