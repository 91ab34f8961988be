"""The formulas of one paper, made readable for as long as that does not take too long."""

from __future__ import annotations

import re
from functools import lru_cache

from sources.tex import readable

MOST = 400  # that are looked at closely: each takes some milliseconds, and a paper of mathematics has thousands
_LONGEST = 300
_PLAIN = re.compile(r"[\w\s+\-=<>.,;:()\[\]/|!'*%]*")
_BROKEN = re.compile(r"%\s*\n|\s+")  # LaTeXML breaks long ones with a comment sign
_COMMAND = re.compile(r"\\([a-zA-Z]+)\*?\s?|\\(.)")
_SILENT = frozenset(
    """
    mathbf mathcal mathrm mathbb mathit mathsf mathtt boldsymbol bm text textbf textrm textit operatorname left right big Big bigg
    Bigg displaystyle textstyle quad qquad bigl bigr limits nolimits
    """.split()  # noqa: SIM905
)


class Formulas:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self._left = MOST

    def readable(self, tex: str) -> str:
        """A formula, without dollars, as a reader would say it; "…" for one that says nothing without its shape."""
        tex = _BROKEN.sub(" ", tex[: 2 * _LONGEST]).strip()
        if not tex or len(tex) > _LONGEST:
            return " … "
        if _PLAIN.fullmatch(tex) and "_" not in tex:
            return tex
        self._left -= 1
        return _closely(tex) if self._left >= 0 else _roughly(tex)


@lru_cache(maxsize=2_000)
def _closely(tex: str) -> str:
    return readable(f"${tex}$")


def _roughly(tex: str) -> str:
    """Without what only a typesetter needs."""
    plain = _COMMAND.sub(lambda found: "" if found[1] in _SILENT else f"{found[1] or found[2]} ", tex)
    return " ".join(re.sub(r"[{}]", "", plain).split())
