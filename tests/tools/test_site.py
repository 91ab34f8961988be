"""What keeps the site from being built, and what becomes of links into the source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.site import Broken, build, faults, lay_out


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with a page in docs/ and one above it."""
    for name in ("pictures", "charts"):
        (tmp_path / "docs" / name).mkdir(parents=True)
    (tmp_path / "docs/pictures/a.png").write_bytes(b"")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers/__init__.py").write_text('"""The nouns."""')
    (tmp_path / "README.md").write_text('# One\n\n[two](docs/two.md#here) <img src="docs/pictures/a.png" alt="a > b">\n')
    (tmp_path / "docs/two.md").write_text("# Two\n\n[one](../README.md) [papers](../papers)\n\n```\n[no link](nowhere.md)\n```\n")
    (tmp_path / "mkdocs.yml").write_text("nav:\n  - index.md\n  - Further:\n      - Two: two.md\n")
    return tmp_path


def test_a_whole_tree_has_no_faults(tree: Path) -> None:
    assert list(faults(tree)) == []


def test_links_lead_to_the_same_things_in_the_site(tree: Path, tmp_path: Path) -> None:
    into = tmp_path / "laid out"
    into.mkdir()
    lay_out(tree, into)
    assert (into / "index.md").read_text() == '# One\n\n[two](two.md#here) <img src="pictures/a.png" alt="a > b">\n'
    assert "[one](index.md) [papers](source/papers/__init__.py.txt)\n" in (into / "two.md").read_text()
    assert (into / "source/papers/__init__.py.txt").read_text() == '"""The nouns."""'


def test_a_broken_link_is_told_with_its_line(tree: Path, tmp_path: Path) -> None:
    with (tree / "docs/two.md").open("a") as page:
        page.write("\n[away](gone.md)\n")
    with pytest.raises(Broken, match=r"^docs/two\.md:9 links to gone\.md, which is not there$"):
        build(tree, tmp_path / "site")


def test_a_page_outside_the_menu_is_told(tree: Path) -> None:
    (tree / "docs/three.md").write_text("# Three\n")
    assert list(faults(tree)) == ["three.md is not in the menu (nav in mkdocs.yml)"]


def test_a_menu_entry_without_its_page_is_told(tree: Path) -> None:
    (tree / "docs/two.md").unlink()
    (tree / "README.md").write_text("# One\n")
    assert list(faults(tree)) == ["the menu (nav in mkdocs.yml) has two.md, which is not there"]


def test_a_link_to_a_heading_that_is_not_there_fails_the_build_and_leaves_the_old_site(tree: Path, tmp_path: Path) -> None:
    (tree / "mkdocs.yml").write_text("site_name: Test\nuse_directory_urls: false\n" + (tree / "mkdocs.yml").read_text())
    (tmp_path / "site").mkdir()
    (tmp_path / "site/old.html").write_text("")
    with pytest.raises(Broken, match="anchor does not exist"):
        build(tree, tmp_path / "site")
    assert (tmp_path / "site/old.html").is_file()


def test_a_list_within_a_list_needs_four_spaces(tree: Path) -> None:
    with (tree / "docs/two.md").open("a") as page:
        page.write("\n1. one\n   - a\n")
    assert list(faults(tree)) == ["docs/two.md:10 has a list within a list: begin its lines with four spaces"]
