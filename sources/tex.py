"""TeX in titles and abstracts, made readable: ``$\\tau^2$-Bench`` → "τ²-Bench".

The symbols and accents are pylatexenc's, superscripts and subscripts unicodeit's. Only the pieces that are TeX are given to
them: to a TeX reader the per cent sign of "50% faster" starts a comment, and "$5 or $6" is a formula.
"""

from __future__ import annotations

import re

import unicodeit
from pylatexenc import latexwalker, macrospec
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

# A formula's first and last character is no space; "$5 and $6" is money.
_FORMULA = re.compile(
    r"(?<!\\)\$\$?(?P<inner>[^\s$](?:[^$]{0,300}?[^\s$\\])?)\$\$?(?P<digit>(?=\d))?|\\\((?P<round>[^$]{1,300}?)\\\)"
)
_BRACED = r"\{(?:[^{}]|\{[^{}]*\}){0,300}\}"
_COMMAND = re.compile(rf"\\[a-zA-Z]+\*?(?:\s*{_BRACED}){{0,3}}|\\[\"'`^~=.]\s*(?:[a-zA-Z]|{_BRACED})|\{{\\[^{{}}]{{1,40}}\}}")
_ESCAPED = re.compile(r"\\([%$&#_{}])")
_SCRIPT = re.compile(r"[\^_](?:\{[^{}]{1,20}\}|\w)")
_SCRIPT_IN_PROSE = re.compile(r"(?<=[\w)])(?:\^(?:\{[^{}]{1,20}\}|\d)|_\{[^{}]{1,20}\})")
_DEGREES = re.compile(r"\^(?:\\circ|\{\\circ\})|(?<=\d)\^circ\b")
# Braces that only hold something together: "14{,}056", "{W}-space"; and a command whose backslash got lost: "{sim}750".
_HOLDING = re.compile(r"\{([,.=<>+~-]|[^\W\d_]{1,2})\}|\{(sim|approx|times|leq|geq|pm)\}")
_SWITCH = re.compile(r"\{\\(?:it|bf|em|tt|sc|rm|sf)\s+([^{}]{0,300})\}")
_KEEPS_ITS_TEXT = (
    "texttt",
    "textsc",
    "textit",
    "textbf",
    "textrm",
    "textsf",
    "emph",
    "text",
    "mathrm",
    "operatorname",
    "url",
)
_DROPPED = ("footnote", "cite", "label", "ref", "thanks", "citep", "citet")


def readable(text: str) -> str:
    """``text`` with its TeX turned into plain Unicode; what cannot be read stays as it was typed."""
    if not _may_be_tex(text):
        return text
    text = _FORMULA.sub(_formula, text)
    text = _SWITCH.sub(r"\1", text)
    text = _COMMAND.sub(lambda m: _plain(m[0], m[0]), text)
    text = _ESCAPED.sub(r"\1", text)
    text = _SCRIPT_IN_PROSE.sub(_script, _DEGREES.sub("°", text))
    text = _HOLDING.sub(lambda found: found[1] or unicodeit.replace(f"\\{found[2]}"), text)
    text = re.sub(r"(?<!-)--(?!-)", "–", text.replace("``", "“").replace("''", "”"))
    return re.sub(r"(?<=\w)~(?=[\w(\[])|(?<=\.)\\ ", " ", text)  # TeX's spaces that break no line, or end no sentence


def _may_be_tex(text: str) -> bool:
    """Whether it has any of TeX's signs. Most texts have none, and a pattern takes ten times as long to say so."""
    return "\\" in text or "$" in text or "^" in text or "`" in text or "~" in text or "{" in text or "--" in text or "''" in text


def _formula(found: re.Match[str]) -> str:
    inner = found["inner"] or found["round"]
    if found["digit"] is not None and not re.search(r"[\\^_]", inner):
        return found[0]  # "$5–$10"
    return _plain(f"${_SCRIPT.sub(_script, _DEGREES.sub('°', inner))}$", found[0])


def _plain(tex: str, otherwise: str) -> str:
    try:
        plain = _READER.nodelist_to_text(
            latexwalker.LatexWalker(tex, latex_context=_GRAMMAR, tolerant_parsing=True).get_latex_nodes()[0]
        ).strip()
    except Exception:
        return otherwise
    return plain or ("" if tex.lstrip("\\").startswith(_DROPPED) else otherwise)


def _script(found: re.Match[str]) -> str:
    """A superscript or subscript in Unicode's own characters; where Unicode lacks one of them, without its braces."""
    shown: str = unicodeit.replace(found[0])
    return re.sub(r"[{}]", "", found[0]) if re.search(r"[\^_{}]", shown) else shown


def _grammar() -> macrospec.LatexContextDb:
    grammar = latexwalker.get_default_latex_context_db()
    grammar.add_context_category(
        "texts", macros=[macrospec.std_macro(name, False, 1) for name in (*_KEEPS_ITS_TEXT, *_DROPPED)], prepend=True
    )
    grammar.add_context_category("links", macros=[macrospec.std_macro("href", False, 2)], prepend=True)
    grammar.set_unknown_macro_spec(macrospec.std_macro("", False, 0))
    return grammar


def _reader() -> LatexNodes2Text:
    words = get_default_latex_context_db()
    words.add_context_category(
        "texts",
        macros=[
            *(MacroTextSpec(name, simplify_repl="%s", discard=False) for name in _KEEPS_ITS_TEXT),
            *(MacroTextSpec(name, simplify_repl="", discard=True) for name in _DROPPED),
            MacroTextSpec("href", simplify_repl="%(2)s"),
            MacroTextSpec("LaTeX", simplify_repl="LaTeX"),
            MacroTextSpec("TeX", simplify_repl="TeX"),
        ],
        prepend=True,
    )
    # A paper's own macro ("\ourmethod") is shown by its name: that is what the author would say.
    words.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=lambda node: node.macroname))
    return LatexNodes2Text(latex_context=words, math_mode="text", keep_comments=True)


_GRAMMAR = _grammar()
_READER = _reader()
