"""`make docs`: the documentation as a site, in site/. A broken link, or a page that the site's menu lacks, ends it with one line.

The pages are those of docs/ and a few from above it (PAGES). What else of the repository they link to, the source above all, is
copied into the site as text; a link to a folder leads to the file that introduces it. So every link works in both places.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import yaml

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "reporting.md",
}
_LINK = re.compile(r"(?P<before>\]\(|(?:src|href)=\")(?P<path>[^)\s\"#]+)(?P<after>#[^)\s\"]*)?(?=[)\"])")
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_INTRODUCES = ("README.md", "__init__.py")
_SHOWN = ("pictures", "charts")  # folders of docs/ whose files are part of pages


class Broken(Exception):
    """The site cannot be built; the message names each fault."""


def pages(root: Path) -> dict[Path, str]:
    """Every page's file and its name in the site."""
    above = {root / name: page for name, page in PAGES.items() if (root / name).is_file()}
    return above | {file: file.name for file in sorted((root / "docs").glob("*.md"))}


def links(text: str) -> Iterator[re.Match[str]]:
    """The links and pictures of a page to files beside it; none of what stands there as code."""
    code = [match.span() for match in _CODE.finditer(text)]
    for match in _LINK.finditer(text):
        is_code = any(start <= match.start() < end for start, end in code)
        if not is_code and not re.match(r"[a-z]+:", match["path"]):
            yield match


def target(file: Path, path: str) -> Path | None:
    """The file that a link on a page leads to, a folder's introduction for the folder; None where there is none."""
    found = (file.parent / unquote(path)).resolve()
    if found.is_dir():
        return next((found / name for name in _INTRODUCES if (found / name).is_file()), None)
    return found if found.is_file() else None


def faults(root: Path) -> Iterator[str]:
    """What is wrong with the pages: links that lead nowhere, lists within lists that would be none in the site, pages that the
    menu lacks, and entries of it without a page.
    """
    known = pages(root)
    for file in known:
        text = file.read_text(encoding="utf-8")
        prose = _CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
        for match in re.finditer(r"^ {2,3}[-*] ", prose, re.MULTILINE):
            line = prose.count("\n", 0, match.start()) + 1
            yield f"{file.relative_to(root)}:{line} has a list within a list: begin its lines with four spaces"
        for match in links(text):
            if target(file, match["path"]) is None:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{file.relative_to(root)}:{line} links to {match['path']}, which is not there"
    menu = set(_entries(yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]))
    yield from (f"{page} is not in the menu (nav in mkdocs.yml)" for page in sorted({*known.values()} - menu))
    yield from (f"the menu (nav in mkdocs.yml) has {page}, which is not there" for page in sorted(menu - {*known.values()}))


def _entries(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict | list):
        for each in nav.values() if isinstance(nav, dict) else nav:
            yield from _entries(each)


def lay_out(root: Path, into: Path) -> None:
    """The pages as the site has them, with the files that they link to."""
    known = pages(root)
    for name in _SHOWN:
        shutil.copytree(root / "docs" / name, into / name)
    for file, name in known.items():
        text = file.read_text(encoding="utf-8")
        for match in reversed(list(links(text))):
            found = target(file, match["path"])
            if found:
                place = known.get(found) or _placed(found, root, into)
                text = text[: match.start("path")] + place + text[match.end("path") :]
        (into / name).write_text(text, encoding="utf-8")


def _placed(file: Path, root: Path, into: Path) -> str:
    """Where a file that is no page stands in the site; it is copied there. Source is text, which browsers show."""
    place = file.relative_to(root)
    if any(place.is_relative_to(f"docs/{name}") for name in _SHOWN):
        return place.relative_to("docs").as_posix()
    name = f"source/{place.as_posix()}.txt"
    (into / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, into / name)
    return name


def build(root: Path, into: Path) -> int:
    """Write the site; the number of its pages. Raises Broken."""
    if wrong := list(faults(root)):
        raise Broken("\n".join(wrong))
    with tempfile.TemporaryDirectory(prefix="paperboy-site-") as folder:
        place = Path(folder)
        (place / "docs").mkdir()
        lay_out(root, place / "docs")
        shutil.copy(root / "mkdocs.yml", place)
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--strict"],
            cwd=place,
            env=os.environ | {"NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Broken(f"{done.stdout}{done.stderr.partition('Traceback')[0]}".strip())
        if wrong := [fault for page in sorted((place / "site").rglob("*.html")) for fault in _unfit(page, place / "site")]:
            raise Broken("\n".join(wrong))
        shutil.rmtree(into, ignore_errors=True)
        shutil.copytree(place / "site", into)
    return len(list(into.glob("*.html")))


class _Addresses(HTMLParser):
    """What a page links to, and what it has a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in ("img", "script", "link", "iframe", "source"):
            self.fetched += [value for key in ("src", "href") if (value := given.get(key))]


def _unfit(page: Path, site: Path) -> Iterator[str]:
    """Addresses within the site that are not there, and what readers would fetch from elsewhere."""
    found = _Addresses()
    found.feed(page.read_text(encoding="utf-8"))
    name = page.relative_to(site)
    yield from (f"{name} fetches {address}" for address in found.fetched if re.match(r"(https?:)?//", address))
    for address in {*found.links, *found.fetched}:
        path = unquote(address.partition("#")[0].partition("?")[0])
        if path and not re.match(r"[a-z]+:|//", path):
            start = site if path.startswith("/") else page.parent
            if not (start / path.lstrip("/")).exists():
                yield f"{name} leads to {address}, which the site does not have"


def main() -> None:
    try:
        count = build(ROOT, ROOT / "site")
    except Broken as error:
        sys.exit(f"The site was not built:\n{error}")
    print(f"{count} pages: open site/index.html")


if __name__ == "__main__":
    main()
