"""The index and its files: catching up, several processes, and whatever may befall files."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from search.engine import SearchEngine
from search.forward import ForwardWriter
from search.harm import IndexUnavailable
from search.index import SearchIndex
from search.writing import IndexWriter, commit_size
from storage.store import Store
from tests.factories import paper

NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)


def ids(engine: SearchEngine, text: str) -> tuple[str, ...]:
    return engine.find(text, NOW, 50).ids


async def test_a_changed_paper_is_found_by_its_new_words_only(store: Store, index: SearchIndex) -> None:
    await store.papers.save([paper(1, title="Old words")], "test")
    await index.catch_up(store.papers)
    await store.papers.save([paper(1, title="New phrases", abstract="Fresh.")], "test")
    assert await index.catch_up(store.papers) == 1
    engine = SearchEngine(index, store.papers)
    assert ids(engine, "old") == ()
    assert ids(engine, "phrases") == (paper(1).id,)
    assert await index.catch_up(store.papers) == 0


async def test_a_missing_broken_or_strange_index_is_built_anew(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(1)], "test")
    folder = tmp_path / "test.index"

    async def count() -> int:
        index = SearchIndex(folder, store.identity)
        await index.catch_up(store.papers)
        return len(index)

    assert await count() == 1
    for file in (folder / "tantivy").iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert await count() == 1
    (folder / "about.json").write_text("{")
    assert await count() == 1
    (folder / "tantivy" / "meta.json").unlink()
    assert await count() == 1
    (folder / "about.json").unlink()
    assert await count() == 1
    assert (folder / "about.json").exists()
    shutil.rmtree(folder)
    assert await count() == 1
    assert len(SearchIndex(folder, "another store")) == 0


DAMAGE: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "cut short": lambda file: os.truncate(file, file.stat().st_size // 2),
    "emptied": lambda file: os.truncate(file, 0),
    "garbled": lambda file: file.write_bytes(bytes(255 - byte for byte in file.read_bytes())),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize(
    "pattern", ["*.store", "*.term", "*.idx", "*.pos", "*.fast", "*.fieldnorm", "meta.json", "*.bin", "about.json", "lexicon"]
)
async def test_whatever_befalls_its_files_while_it_is_open_answers_go_on_or_come_back(
    tmp_path: Path, store: Store, pattern: str, damage: str
) -> None:
    await store.papers.save([paper(n, title=f"Zebra number {n} of a herd") for n in range(200)], "test")
    folder = tmp_path / "test.index"
    index = SearchIndex(folder, store.identity)
    await index.catch_up(store.papers)
    engine = SearchEngine(index, store.papers)
    assert len(ids(engine, "zebra of number seven")) == 50
    files = [
        file
        for file in folder.rglob("*" if pattern == "lexicon" else pattern)
        if file.is_file() and ("lexicon" in file.parts) == (pattern == "lexicon")
    ]
    assert files
    for file in files:
        DAMAGE[damage](file)
    await asyncio.sleep(0.25)  # a look at the files is taken no oftener
    for text in ("zebra of number seven", "zebar numbr", "zebra", '"zebra number" votes:>=0'):
        with contextlib.suppress(IndexUnavailable):
            ids(engine, text)
    await store.papers.save([paper(500, title="One more zebra")], "test")
    for _ in range(2):
        await index.catch_up(store.papers)
    assert engine.find("zebra", NOW, 10).total == 201
    assert ids(engine, "one more zebra")[0] == paper(500).id


async def test_an_index_that_cannot_be_written_stops_nothing(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await store.papers.save([paper(1)], "test")
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnavailable):
        SearchIndex(tmp_path / "file" / "test.index", store.identity)
    index = SearchIndex(tmp_path / "folder" / "test.index", store.identity)
    shutil.rmtree(tmp_path / "folder")
    (tmp_path / "folder").write_text("")
    assert await index.catch_up(store.papers) == 0
    assert "cannot be built" in caplog.text
    (tmp_path / "folder").unlink()
    assert await index.catch_up(store.papers) == 1


async def test_many_first_starts_at_once_all_succeed(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(1)], "test")
    folder = tmp_path / "test.index"
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        made = await asyncio.gather(*(asyncio.to_thread(SearchIndex, folder, store.identity) for _ in range(6)))
        for index in made:
            await index.catch_up(store.papers)
        assert len(SearchIndex(folder, store.identity)) == 1


async def test_what_another_process_has_just_written_is_not_written_twice(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(1)], "test")
    one, other = (SearchIndex(tmp_path / "test.index", store.identity) for _ in range(2))
    assert other.change() == 0  # and it does not look again at once
    await one.catch_up(store.papers)
    await other.catch_up(store.papers)
    assert len(SearchIndex(tmp_path / "test.index", store.identity)) == 1


async def test_a_paper_that_changes_while_others_are_written_is_there_once(tmp_path: Path, store: Store) -> None:
    index = SearchIndex(tmp_path / "test.index", store.identity)
    await index.catch_up(store.papers)
    writers: list[IndexWriter] = []
    for title in ("Old words", "New phrases"):  # both before anything is committed
        await store.papers.save([paper(1, title=title)], "test")
        index._write(writers, await store.papers.since(0, 10), 100)
    index._write(writers, [], 1)
    writers[0].close()
    engine = SearchEngine(index, store.papers)
    assert len(index) == 1
    assert (ids(engine, "old"), ids(engine, "phrases")) == ((), (paper(1).id,))


async def test_a_search_that_looked_before_a_commit_does_not_hide_it_from_the_writer(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = SearchIndex(tmp_path / "test.index", store.identity)
    await index.catch_up(store.papers)
    looked, go_on = threading.Event(), threading.Event()
    search = threading.Thread(target=index._look)
    commit, have_changed = IndexWriter.commit, index._files.have_changed

    def slowly() -> bool:
        found = have_changed()
        looked.set()
        go_on.wait(5)
        return found

    def commit_meanwhile(writer: IndexWriter, size: int) -> bool:
        with monkeypatch.context() as patch:
            patch.setattr(index._files, "have_changed", slowly)
            index._looked_at = -1.0
            search.start()
            looked.wait(5)
        threading.Timer(0.1, go_on.set).start()
        return commit(writer, size)

    writers: list[IndexWriter] = []
    await store.papers.save([paper(1, title="Old words")], "test")
    index._write(writers, await store.papers.since(0, 10), 100)
    with monkeypatch.context() as patch:
        patch.setattr(IndexWriter, "commit", commit_meanwhile)
        index._write(writers, [], 1)
    await store.papers.save([paper(1, title="New phrases")], "test")
    index._write(writers, await store.papers.since(1, 10), 1)
    search.join()
    writers[0].close()
    assert len(SearchIndex(tmp_path / "test.index", store.identity)) == 1


async def test_an_index_ahead_of_its_store_is_built_anew(tmp_path: Path, store: Store, index: SearchIndex) -> None:
    """As when a backup of the database was restored beside a newer index."""
    await store.papers.save([paper(1)], "test")
    await store.papers.save([paper(2)], "test")
    await index.catch_up(store.papers)
    async with Store.open(f"sqlite:///{tmp_path}/older.db") as older:
        await older.papers.save([paper(1)], "test")
        await index.catch_up(older.papers)
        assert (len(index), index.change()) == (1, 1)


async def test_another_process_reads_what_this_one_wrote_and_writing_is_left_to_the_one_at_it(
    tmp_path: Path, store: Store, index: SearchIndex
) -> None:
    await store.papers.save([paper(1, title="Zebra crossings")], "test")
    await index.catch_up(store.papers)
    script = (
        "import sys; from pathlib import Path; from search.index import SearchIndex;"
        "print(len(SearchIndex(Path(sys.argv[1]), sys.argv[2])))"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path / "test.index"), store.identity, stdout=subprocess.PIPE
    )
    out, _ = await child.communicate()
    assert out.decode().strip() == "1"

    other = SearchIndex(tmp_path / "test.index", store.identity)
    writer = other._index.writer(50_000_000, 1)  # as another process in the middle of a catch-up
    await store.papers.save([paper(2)], "test")
    assert await index.catch_up(store.papers) == 0
    del writer
    assert await index.catch_up(store.papers) == 1
    await asyncio.sleep(0.25)  # a look at the files is taken no oftener
    assert len(other) == 2


async def test_while_it_is_built_anew_it_answers_nothing_rather_than_too_little(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(n, title=f"Zebra number {n}") for n in range(30)], "test")
    folder = tmp_path / "test.index"
    index = SearchIndex(folder, store.identity)
    engine = SearchEngine(index, store.papers)
    with pytest.raises(IndexUnavailable, match="built anew"):
        ids(engine, "zebra")
    await index.catch_up(store.papers)
    assert len(ids(engine, "zebra")) == 30
    shutil.rmtree(folder)
    await asyncio.sleep(0.25)
    with pytest.raises(IndexUnavailable):
        ids(engine, "zebra")
    another = SearchIndex(folder, store.identity)  # another process, which starts it anew and has come no further
    await asyncio.sleep(0.25)
    with pytest.raises(IndexUnavailable, match="built anew"):
        ids(engine, "zebra")
    await another.catch_up(store.papers)
    await asyncio.sleep(0.25)
    assert len(ids(engine, "zebra")) == 30


async def test_a_full_disk_leaves_the_index_as_it_is(
    store: Store, index: SearchIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await store.papers.save([paper(1, title="Zebra")], "test")
    await index.catch_up(store.papers)
    await store.papers.save([paper(2, title="Zebra, too")], "test")

    def full(_: ForwardWriter) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ForwardWriter, "flush", full)
        assert await index.catch_up(store.papers) == 0
    assert "cannot be written" in caplog.text
    assert ids(SearchEngine(index, store.papers), "zebra") == (paper(1).id,)
    assert await index.catch_up(store.papers) == 1


async def test_two_processes_that_find_it_broken_make_one_new_one(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(n, title=f"Zebra number {n}") for n in range(30)], "test")
    folder = tmp_path / "test.index"
    both = [SearchIndex(folder, store.identity) for _ in range(2)]
    await both[0].catch_up(store.papers)
    await asyncio.sleep(0.25)
    os.truncate(folder / "terms.bin", 0)
    for index in both:
        with pytest.raises(IndexUnavailable):
            len(index)
    assert await both[0].catch_up(store.papers) == 30
    made = (folder / "about.json").stat().st_ino
    assert await both[1].catch_up(store.papers) == 0
    assert (folder / "about.json").stat().st_ino == made
    for index in both:
        assert len(ids(SearchEngine(index, store.papers), "zebra")) == 30


async def test_a_catch_up_that_is_cancelled_leaves_nothing_locked(store: Store, index: SearchIndex) -> None:
    await store.papers.save([paper(n, title=f"Zebra number {n}") for n in range(300)], "test")
    for turns in range(1, 40, 4):
        task = asyncio.create_task(index.catch_up(store.papers))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await index.catch_up(store.papers)
    assert len(index) == 300


@pytest.mark.parametrize(("papers", "size"), [(1, 1), (16_384, 16_384), (100_000, 12_500), (500_000, 7_813), (1_000_000, 15_625)])
def test_commits_are_of_a_size_that_merging_makes_one_segment_of(papers: int, size: int) -> None:
    assert commit_size(papers) == size


async def test_many_papers_become_one_segment(store: Store, index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    for first in range(0, 200, 10):
        await store.papers.save([paper(n, title=f"Zebra number {n}") for n in range(first, first + 10)], "test")
    monkeypatch.setattr("search.writing.MOST", 30)
    monkeypatch.setattr("search.index._BATCH", 10)
    assert await index.catch_up(store.papers) == 200
    assert len(index) == 200
    tantivy_folder = index.folder / "tantivy"
    assert len(json.loads((tantivy_folder / "meta.json").read_text())["segments"]) == 1
