from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.tex import readable


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"$\tau^2$-Bench", "τ²-Bench"),
        ("τ^2-Bench and R^2-Writer", "τ²-Bench and R²-Writer"),
        (r"$O(n^2 \log n)$ in $\mathbb{R}^d$", "O(n² log n) in ℝᵈ"),
        (r"\textbf{frame-wise} \emph{x} \texttt{code}", "frame-wise x code"),
        (r"Schr\"odinger, Erd\H{o}s, {\'e}", "Schrödinger, Erdős, é"),
        (r"3.18\% and R\&D", "3.18% and R&D"),
        (r"$\sim$50\% of 5$^\circ$", "∼50% of 5°"),
        (r"our \ourmethod, in \LaTeX", "our ourmethod, in LaTeX"),
        (r"\href{https://x.y}{here}", "here"),
        (r"$x_{t+1}$, {\it so}", "xₜ₊₁, so"),
        ("``quoted'' at Table~1, 5--7", "“quoted” at Table 1, 5–7"),
        (r"14{,}056 at R^2{=}0.86, π_{0.5} in {W}-space, vs.\ {sim}750", "14,056 at R²=0.86, π_0.5 in W-space, vs. ∼750"),
        ("a 360^circ view", "a 360° view"),
    ],
)
def test_tex_becomes_readable(tex: str, plain: str) -> None:
    assert readable(tex) == plain


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 or $6, 50% less % than before",
        "$5–$10",
        "snake_case_2 and K_1",
        "a set {1, 2} of {several words}",
        r"\begin{equation}x\end{equation}",
        "~5 points",
    ],
)
def test_what_is_no_tex_stays_as_it_was_typed(text: str) -> None:
    assert readable(text) == text


@given(st.text(alphabet="\\$^_{}~`'%abfrc12 -()", max_size=60))
def test_broken_tex_never_raises(text: str) -> None:
    assert isinstance(readable(text), str)
