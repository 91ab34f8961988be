"""Papers → the index's files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy

from papers.paper import Paper
from search.analysis import stems
from search.document import document, rest
from search.forward import ForwardWriter, hashed
from search.harm import Busy, as_unavailable, is_lock, telling_full
from search.reader import Reader

MOST = 16_384  # papers in one commit; they are kept in memory until then, some tens of MB
LEAST_BYTES = 15_000_000  # that the library's writer takes
_BYTES = 128_000_000
_MERGED = 8  # segments of about one size that the library makes one of


def commit_size(papers: int) -> int:
    """How many to write in each commit when so many are to come: all, or an eighth, or an eighth of that, until it is not too
    much for one. Then merging leaves one segment of them all, which is searched twice as fast as eight.
    """
    size = papers
    while size > MOST:
        size = -(-size // _MERGED)
    return size


class IndexWriter:
    """Writes papers; the library merges what was written in threads of its own. Methods raise IndexUnavailable and Full."""

    def __init__(self, index: tantivy.Index, folder: Path) -> None:
        """Raises Busy where another process is writing, too."""
        self._waiting: set[str] = set()  # papers that are not committed yet
        self._over = 0  # how many the last commits had too many
        with as_unavailable(), telling_full():
            try:
                self._writer = index.writer(_BYTES, 1)
            except ValueError as error:
                if is_lock(error):
                    raise Busy from error
                raise
            self._forward = ForwardWriter(folder)

    def add(self, batch: Iterable[tuple[int, Paper]], reader: Reader) -> None:
        """Papers, each with the number of its change; those that the reader knows are replaced."""
        with as_unavailable(), telling_full():
            for change, paper in batch:
                title, others = ([hashed(stem) for stem in stems(text)] for text in (paper.title, rest(paper)))
                row = known = reader.row(paper.id)
                if row is None or not reader.forward.has(row, title, others):
                    row = self._forward.add(paper.id, title, others)
                if known is not None or paper.id in self._waiting:  # deleting for nothing costs a look at every segment
                    self._writer.delete_documents_by_term("id", paper.id)
                self._writer.add_document(document(change, row, paper))
                self._waiting.add(paper.id)

    def commit(self, size: int) -> bool:
        """Commit if so many papers wait for it; what one commit has too many, the next has too few."""
        if not self._waiting or len(self._waiting) + self._over < size:
            return False
        with as_unavailable(), telling_full():
            self._forward.flush()
            self._writer.commit()
        self._over += len(self._waiting) - size
        self._waiting.clear()
        return True

    def close(self) -> None:
        """Wait for merging, and give up what was not committed."""
        self._forward.close()
        with as_unavailable():
            self._writer.wait_merging_threads()
