"""Pictures of the quality and the latency tables, for docs/: SVG that can be read on light and on dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench import latency, quality

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GREY = "#7d8590"  # shows on white and on black
_COLOURS = {"Paperboy": "#2f81f7", "Tantivy": "#d29922", "FTS5": "#8957e5", "bm25s": "#7d8590"}
_OTHERS = {"Paperboy, ids": "#2f81f7", "Paperboy, first page": "#79b8ff", "FTS5, OR": "#8957e5", "FTS5, AND then OR": "#bc8cff"}


def draw(folder: Path, judged: Sequence[quality.Row], timed: Sequence[latency.Row]) -> list[Path]:
    """The pictures drawn, one for each table that has rows; those of an earlier run are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    if judged:
        files.append(_saved(_quality(judged), folder / "search-quality.svg"))
    if timed:
        files.append(_saved(_latency(timed), folder / "search-latency.svg"))
    return files


def _quality(rows: Sequence[quality.Row]) -> Figure:
    """A group of bars for each set, by nDCG@10 and by recall@100."""
    sets = list(dict.fromkeys(row.set_name for row in rows))
    names = list(dict.fromkeys(row.name for row in rows))
    figure, axes = _figure(2)
    for axis, title, values in (
        (axes[0], "nDCG@10", {(row.set_name, row.name): row.ndcg_10 for row in rows}),
        (axes[1], "recall@100", {(row.set_name, row.name): row.recall_100 for row in rows}),
    ):
        width = 0.8 / len(names)
        for number, name in enumerate(names):
            places = [place + (number - (len(names) - 1) / 2) * width for place in range(len(sets))]
            bars = axis.bar(places, [values[each, name] for each in sets], width * 0.92, label=name, color=_colour(name))
            axis.bar_label(bars, fmt="%.2f", fontsize=7, color=_GREY)
        axis.set_xticks(range(len(sets)), sets)
        axis.set_title(title, color=_GREY, fontsize=10)
    _legend(figure, axes[0])
    return figure


def _latency(rows: Sequence[latency.Row]) -> Figure:
    """For each kind of question: the 99th percentile by the number of papers, both on logarithmic axes."""
    kinds = list(dict.fromkeys(row.kind for row in rows))
    figure, axes = _figure(len(kinds))
    for axis, kind in zip(axes, kinds, strict=True):
        for name in dict.fromkeys(row.name for row in rows):
            points = [(row.papers, row.p99_ms) for row in rows if row.kind == kind and row.name == name]
            axis.plot(*zip(*points, strict=True), marker="o", markersize=4, label=name, color=_colour(name))
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_title(kind, color=_GREY, fontsize=10)
        axis.set_xlabel("papers", color=_GREY, fontsize=8)
        axis.grid(visible=True, axis="y", color=_GREY, alpha=0.25)
    axes[0].set_ylabel("p99, ms", color=_GREY, fontsize=8)
    _legend(figure, axes[0])
    return figure


def _figure(count: int) -> tuple[Figure, list[Axes]]:
    import matplotlib as mpl  # slow to load, and only needed here

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "paperboy"  # the same figures make the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, count, figsize=(3.6 * count, 3.4), sharey=True, squeeze=False, layout="constrained")
    for axis in axes[0]:
        axis.tick_params(colors=_GREY, labelsize=8)
        for side, spine in axis.spines.items():
            spine.set_visible(side in {"left", "bottom"})
            spine.set_color(_GREY)
    return figure, list(axes[0])


def _legend(figure: Figure, axis: Axes) -> None:
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, labelcolor=_GREY, fontsize=8)


def _colour(name: str) -> str:
    return _COLOURS.get(name) or _OTHERS.get(name, _GREY)


def _saved(figure: Figure, file: Path) -> Path:
    from matplotlib import pyplot

    figure.savefig(file, transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    return file
