from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from papers.paper import Paper
from sandbox.press import REPLIES
from sources.base import SourceError
from sources.files import Bad, read_batches, read_papers


def read(tmp_path: Path, content: str | bytes, name: str = "papers.jsonl") -> list[Paper | Bad]:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_papers(file))


def test_a_list_as_the_api_gives_it_is_read() -> None:
    found = list(read_papers(REPLIES / "2026-06-10.json"))
    assert len(found) == 12
    assert all(isinstance(p, Paper) and p.featured_on == (date(2026, 6, 10),) for p in found)


def test_a_files_name_tells_the_day_of_entries_that_do_not(tmp_path: Path) -> None:
    (found,) = read(tmp_path, '[{"paper": {"id": "2403.00001", "title": "T"}}]', "2024-03-20.json")
    assert isinstance(found, Paper)
    assert found.featured_on == (date(2024, 3, 20),)


def test_plain_lines_take_ids_of_any_kind_and_optional_fields(tmp_path: Path) -> None:
    lines = [
        {"id": "184", "title": "Scale models", "abstract": "A\nb"},
        {"id": 7, "title": "T", "authors": "A One, B Two and C Three", "votes": 3, "featured_on": "2026-06-10"},
        {"id": "8", "title": "T", "categories": ["cs.RO", "68T40", 3, "cs.RO"], "version": 2},
    ]
    assert read(tmp_path, "\n\n".join(map(json.dumps, lines))) == [
        Paper(id="184", title="Scale models", abstract="A b"),
        Paper(id="7", title="T", authors=("A One", "B Two", "C Three"), votes=3, featured_on=(date(2026, 6, 10),)),
        Paper(id="8", title="T", categories=("cs.RO",), version=2),
    ]


def test_a_text_without_a_title_is_called_by_its_beginning(tmp_path: Path) -> None:
    (found,) = read(tmp_path, '{"id": "1", "title": "", "abstract": "We study zebras. They run."}')
    assert isinstance(found, Paper)
    assert found.title == "We study zebras. They run."


def test_arxivs_snapshot_is_read(tmp_path: Path) -> None:
    line = {
        "id": "0704.0001",
        "submitter": "Pavel Nadolsky",
        "authors": "C. Bal\\'azs, E. L. Berger",
        "title": "Calculation of prompt diphoton\n  production",
        "categories": "hep-ph math.CO",
        "abstract": "  A fully differential calculation.\n",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "update_date": "2008-11-26",
        "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", ""]],
    }
    assert read(tmp_path, json.dumps(line)) == [
        Paper(
            id="0704.0001",
            title="Calculation of prompt diphoton production",
            abstract="A fully differential calculation.",
            authors=("C. Balázs", "E. L. Berger"),
            published_at=datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC),
            categories=("hep-ph", "math.CO"),
            version=1,
        )
    ]


def test_a_bad_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, '{"id": "1", "title": "T"}\nnot json\n[1]\n{"id": "2"}\n{"title": "T"}\n{"id": "3", "title": "T"}')
    assert [p.id for p in found if isinstance(p, Paper)] == ["1", "3"]
    assert [(b.place, b.why.split("(")[0].strip()) for b in found if isinstance(b, Bad)] == [
        ("line 2", "not JSON"),
        ("line 3", "not a JSON object"),
        ("line 4", "2 has neither title nor abstract"),
        ("line 5", "no usable id"),
    ]


def test_a_truncated_list_is_one_bad_entry(tmp_path: Path) -> None:
    (bad,) = read(tmp_path, '[{"paper": {"id": ')
    assert isinstance(bad, Bad)


def test_a_compressed_file_is_unpacked_and_a_broken_one_is_an_error(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"id": "1", "title": "T"}')
    assert read(tmp_path, packed, "a.jsonl.gz") == [Paper(id="1", title="T")]
    for broken in (packed[:-9], packed[:12] + b"\xff\xff\xff" + packed[15:]):
        with pytest.raises(SourceError, match="cannot be read"):
            read(tmp_path, broken, "b.jsonl.gz")


def test_blank_lines_are_counted(tmp_path: Path) -> None:
    (bad,) = read(tmp_path, "\n\nnonsense\n")
    assert isinstance(bad, Bad)
    assert bad.place == "line 3"


def test_a_list_of_plain_objects_keeps_their_abstracts(tmp_path: Path) -> None:
    assert read(tmp_path, '[{"id": "1", "title": "T", "abstract": "A."}]') == [Paper(id="1", title="T", abstract="A.")]


def test_an_empty_file_has_no_papers(tmp_path: Path) -> None:
    assert read(tmp_path, "") == []
    assert read(tmp_path, "[]") == []


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_batches_hold_everything_in_order_and_tell_how_much_of_the_file_is_read(tmp_path: Path, name: str) -> None:
    lines = b"".join(b'{"id": "%d", "title": "%s"}\n' % (n, f"{n * 7919}".encode() * 40) for n in range(400)) + b"nonsense"
    content = gzip.compress(lines) if name.endswith(".gz") else lines
    file = tmp_path / name
    file.write_bytes(content)
    batches = list(read_batches(file, 150))
    assert [len(batch.papers) for batch in batches] == [150, 150, 100]
    assert [paper.id for batch in batches for paper in batch.papers] == [str(n) for n in range(400)]
    assert [bad.place for batch in batches for bad in batch.bad] == ["line 401"]
    read_bytes = [batch.bytes_read for batch in batches]
    assert read_bytes == sorted(read_bytes)
    assert read_bytes[0] > 0
    assert read_bytes[-1] == len(content)
