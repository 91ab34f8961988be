"""A paper's whole text: what is read of the services' answers, over real sockets, and what is made of answers that are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from papers.text import sentences
from sandbox.press import REPLIES, Press
from sources import paper_html, paper_markdown
from sources.base import Missing, SourceError
from sources.fulltext import KEPT_PAPERS, MOST_CHARACTERS, FullText, Section, sections_of
from sources.http import Http, Patience
from tests.factories import paper
from tests.sources.web import QUICK, Clock, Handler, listening, serving

PROSE = "We study the thing in detail and find that it works. " * 20
PAGE = f'<html><body><section><h2 class="ltx_title">1 Introduction</h2><p class="ltx_p">{PROSE}</p></section></body></html>'
MARKDOWN = f"# A Title\n\n## 1 Introduction\n\n{PROSE}\n"
ONCE = Patience(timeout_s=5, attempts=1)


@asynccontextmanager
async def reading(handler: Handler, patience: Patience = ONCE, clock: Clock | None = None) -> AsyncIterator[FullText]:
    """A reader whose both services are the handler."""
    async with serving(handler) as url, Http.session(patience) as one, Http.session(patience) as other:
        yield FullText(one, other, huggingface_url=url, arxiv_url=f"{url}/html", longest_s=10, clock=clock or Clock())


def answering(markdown: web.Response | str | int, page: web.Response | str | int, asked: list[str] | None = None) -> Handler:
    """Both services: a text, a status, or a whole response."""

    async def handler(request: web.Request) -> web.Response:
        if asked is not None:
            asked.append(request.path)
        told = markdown if request.path.endswith(".md") else page
        if isinstance(told, int):
            return web.Response(status=told, text="Not found")
        if isinstance(told, web.Response):
            return web.Response(body=told.body, status=told.status, headers=told.headers)
        return web.Response(text=told, content_type="text/plain")

    return handler


async def test_the_sample_texts_are_read_in_sections() -> None:
    async with Press(REPLIES).running() as url, Http.session(QUICK) as one, Http.session(QUICK) as other:
        texts = FullText(one, other, huggingface_url=url, arxiv_url=f"{url}/html")
        explore = await texts.read(paper(id="2606.07297"))
        piano = await texts.read(paper(id="2606.12282"))
        with pytest.raises(Missing):
            await texts.read(paper(id="2606.07229"))
    assert [section.title for section in explore] == [
        "Abstract",
        "1 Introduction",
        "2.1 Where the issues come from",
        "2.2 The reference",
        "2.3 What is measured",
        "3 Experiments",
        "4 Limitations",
    ]
    whole = "\n".join(section.text for section in explore)
    assert "searched well and then wrote a wrong line. Both fail" in whole  # without the citation
    assert "really read counts as relevant. With R the set" in whole
    assert "coverage is c = " in whole
    for gone in ("Figure 1", "Score", "thank nobody", "Sample", "$", "*", "overview.png"):
        assert gone not in whole
    assert [section.title for section in piano] == [
        "Abstract",
        "1 Introduction",
        "2.1 Pairs for training",
        "2.2 The model",
        "3 Limitations",
    ]
    whole = "\n".join(section.text for section in piano)
    assert "is left to the player. A computer" in whole
    assert "where xᵢ is a latent of the score and yⱼ one of the recording" in whole
    assert "a player stretches time." in whole
    for gone in ("stolen time", "Figure 1", "(1)", "Back to the list", "Specimen", "margin", "reporting errors", "Somebody"):
        assert gone not in whole


async def test_huggingface_is_asked_first_and_arxiv_only_where_it_has_nothing() -> None:
    asked: list[str] = []
    async with reading(answering(MARKDOWN, PAGE, asked)) as texts:
        (section,) = await texts.read(paper())
    assert section == Section("1 Introduction", PROSE.strip())
    assert asked == ["/papers/2606.00001.md"]
    for status in (404, 500, 403):
        asked.clear()
        async with reading(answering(status, PAGE, asked)) as texts:
            assert await texts.read(paper()) == (section,)
        assert asked == ["/papers/2606.00001.md", "/html/2606.00001"]


@pytest.mark.parametrize(
    "told",
    [
        "",
        "   \n",
        "<!DOCTYPE html><html><body><p>Sign in to see this paper</p></body></html>",
        '{"error": "not found"}',
        "Too many requests, try again later",
        web.Response(body=b"\xff\xfe\x00P\x00D\x00F" * 500, content_type="text/markdown"),
        web.Response(body=b"%PDF-1.7 " + bytes(5_000), content_type="text/markdown"),
        web.Response(text=PAGE, content_type="text/html"),
    ],
    ids=["empty", "blank", "a page", "JSON", "a sentence", "no UTF-8", "a PDF", "the paper's page"],
)
async def test_an_answer_that_is_no_text_of_a_paper_leads_to_the_other_service(told: str | web.Response) -> None:
    async with reading(answering(told, PAGE)) as texts:
        (section,) = await texts.read(paper())
    assert section.title == "1 Introduction"


@pytest.mark.parametrize("told", ["", "<html></html>", '{"error": 1}', "%PDF-1.7", "<rss><item/></rss>", "no HTML at all"])
async def test_where_neither_answer_is_a_paper_it_is_an_error_of_the_sources(told: str) -> None:
    async with reading(answering(404, told)) as texts:
        with pytest.raises(SourceError):
            await texts.read(paper())


async def test_what_nobody_has_is_told_from_what_cannot_be_had_just_now() -> None:
    for statuses, is_missing in (((404, 404), True), ((404, 500), False), ((500, 404), False)):
        async with reading(answering(*statuses)) as texts:
            with pytest.raises(SourceError) as raised:
                await texts.read(paper())
        assert isinstance(raised.value, Missing) is is_missing


async def test_an_endless_answer_is_cut_off() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        if not request.path.endswith(".md"):
            return web.Response(status=404)
        reply = web.StreamResponse(headers={"Content-Type": "text/markdown"})
        await reply.prepare(request)
        sent = 0
        try:
            while sent < 8 * 2**20:
                await reply.write(b"word " * 20_000)
                sent += 100_000
        except ConnectionError:
            pass
        return reply

    async with reading(endless) as texts:
        with pytest.raises(SourceError, match="more than 4 MiB"):
            await texts.read(paper())


async def test_a_service_that_never_answers_is_left_behind() -> None:
    async def silent(request: web.Request) -> web.Response:
        if request.path.endswith(".md"):
            await asyncio.Event().wait()
        return web.Response(text=PAGE, content_type="text/html")

    async with reading(silent, Patience(timeout_s=0.2, attempts=1)) as texts:
        assert (await texts.read(paper()))[0].title == "1 Introduction"
    async with serving(silent) as url, Http.session(Patience(timeout_s=60)) as one, Http.session(ONCE) as other:
        texts = FullText(one, other, huggingface_url=url, arxiv_url=f"{url}/html", longest_s=0.2)
        with pytest.raises(SourceError, match="not read within"):
            await texts.read(paper())


async def test_a_redirect_elsewhere_is_not_followed() -> None:
    async with listening() as listener:

        async def away(request: web.Request) -> web.Response:
            raise web.HTTPFound(f"http://127.0.0.1:{listener.port}{request.path}")

        async with reading(away) as texts:
            with pytest.raises(SourceError, match="not followed"):
                await texts.read(paper())
    assert listener.connections == 0


async def test_a_redirect_to_a_version_is_followed() -> None:
    async def versioned(request: web.Request) -> web.Response:
        if request.path.endswith(".md"):
            return web.Response(status=404)
        if not request.path.endswith("v2"):
            raise web.HTTPFound(f"{request.path}v2")
        return web.Response(text=PAGE, content_type="text/html")

    async with reading(versioned) as texts:
        assert (await texts.read(paper()))[0].title == "1 Introduction"


async def test_fifty_askers_are_one_request_and_later_ones_none() -> None:
    asked: list[str] = []
    async with reading(answering(MARKDOWN, PAGE, asked)) as texts:
        found = await asyncio.gather(*(texts.read(paper()) for _ in range(50)))
        assert await texts.read(paper()) == found[0]
    assert asked == ["/papers/2606.00001.md"]


async def test_a_text_is_read_again_when_it_is_old_and_what_was_missing_sooner() -> None:
    asked: list[str] = []
    clock = Clock()
    async with reading(answering(MARKDOWN, PAGE, asked), clock=clock) as texts:
        await texts.read(paper())
        clock.now_s += 5 * 3600
        await texts.read(paper())
        assert len(asked) == 1
        clock.now_s += 2 * 3600
        await texts.read(paper())
        assert len(asked) == 2
    asked.clear()
    async with reading(answering(404, 404, asked), clock=clock) as texts:
        for _ in range(3):
            with pytest.raises(Missing):
                await texts.read(paper())
        assert len(asked) == 2
        clock.now_s += 2 * 3600
        with pytest.raises(Missing):
            await texts.read(paper())
        assert len(asked) == 4


async def test_only_the_texts_read_last_are_kept() -> None:
    asked: list[str] = []
    async with reading(answering(MARKDOWN, PAGE, asked)) as texts:
        for number in range(KEPT_PAPERS + 1):
            await texts.read(paper(number))
        await texts.read(paper(KEPT_PAPERS))
        assert len(asked) == KEPT_PAPERS + 1
        await texts.read(paper(0))
        assert len(asked) == KEPT_PAPERS + 2


async def test_a_paper_that_is_not_on_arxiv_is_not_asked_for() -> None:
    asked: list[str] = []
    async with reading(answering(MARKDOWN, PAGE, asked)) as texts:
        for identifier in ("own-1", "../api/secret", "2606.00001/../x"):
            with pytest.raises(Missing):
                await texts.read(paper(id=identifier))
    assert asked == []


HOSTILE = {
    "nested": "<html><body>" + "<div>" * 10_000 + "deep" + "</div>" * 10_000 + f"<p>{PROSE}</p></body></html>",
    "entities": '<!DOCTYPE html [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    + f"<html><p>{'&b;' * 1_000}&c;{PROSE}</p></html>",
    "script": f"<html><script>alert('evil')</script><style>evil</style><p onclick='evil()'>{PROSE}<!-- evil --></p>"
    f"<iframe src='evil'>evil</iframe><template>evil</template><svg><text>evil</text></svg></html>",
    "unclosed": "<html>" + "<p>x " * 200_000,
    "comments": "<html>" + "<!-- " * 200_000 + PROSE,
    "marked": "<html><![CDATA[" * 50_000 + PROSE,
    "formulas": "<html><p>" + '<math alttext="x_{1}^{2}\\frac{a}{b}"></math> and ' * 20_000 + "</p></html>",
    "brackets": "<html>" + "<" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_page_is_read_within_bounds_or_refused(name: str) -> None:
    async with reading(answering(404, HOSTILE[name])) as texts:
        try:
            sections = await texts.read(paper())
        except SourceError:
            return
    whole = "\n".join(section.text for section in sections)
    assert len(whole) <= MOST_CHARACTERS + 20_000
    assert "evil" not in whole
    assert "root:" not in whole
    assert "aaaaaaaa" not in whole


@pytest.mark.parametrize(
    "mark", ["*", "_a", "[", "[a](", "$a", "|", "x\n\n", "<a ", "![", "```\n", "`a", "<table>", "- ", "# x\n", "\\("]
)
async def test_hostile_markdown_is_read_within_bounds(mark: str) -> None:
    body = (PROSE + "\n\n" + mark * 200_000).encode()
    sections = await asyncio.to_thread(lambda: sections_of(paper_markdown.blocks(body)))
    assert sum(len(section.text) for section in sections) <= MOST_CHARACTERS + 20_000


def html(body: str) -> list[tuple[int, str]]:
    return list(paper_html.blocks(f"<html><body>{body}</body></html>".encode()))


def markdown(text: str) -> list[tuple[int, str]]:
    return list(paper_markdown.blocks(text.encode()))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ('<p>It is <math alttext="\\alpha^{2}"><mi>a</mi></math>, x &lt; y &amp; z.</p>', [(0, "It is α², x < y & z.")]),
        ('<p>As in <cite class="ltx_cite">[<a>3</a>]</cite>, it <em>works</em>.</p>', [(0, "As in, it works.")]),
        ('<p>As <cite class="ltx_cite">Ho et al. (2020)</cite> say.</p>', [(0, "As Ho et al. (2020) say.")]),
        ('<h3><span class="ltx_tag">2.1 </span>The <i>Data</i></h3><p>Much.</p>', [(3, "2.1 The Data"), (0, "Much.")]),
        ('<h5 class="ltx_title ltx_title_paragraph">Data.</h5><div><p>Much.</p></div>', [(0, "Data:"), (0, "Much.")]),
        ("<ul><li>One.</li><li>Two.</li></ul>", [(0, "One."), (0, "Two.")]),
        ("<table><tr><td>9</td></tr></table><p>After.</p>", [(0, "After.")]),
    ],
)
def test_a_page_is_read_as_its_prose(told: str, read: list[tuple[int, str]]) -> None:
    assert html(told) == read


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("## **2 Data**\n\nIt is $\\alpha^2$ [3, 12] and `code`.", [(2, "2 Data"), (0, "It is α² and code.")]),
        ("Title\n=====\n\nfrom $5 to $6 a day", [(1, "Title"), (0, "from $5 to $6 a day")]),
        ("[Ho et al.](https://x.y/z_(a)) and snake_case_name, *x_i*", [(0, "Ho et al. and snake_case_name, x_i")]),
        ("one\nline\n\n- a\n- b\n\n1. c", [(0, "one line"), (0, "a"), (0, "b"), (0, "c")]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\n**Table 2:** Numbers.\n\nText[^1].\n\n[^1]: A note.", [(0, "Text.")]),
        ("```python\nx = 1\n# no heading\n```\nText &amp; <b>more</b>.", [(0, "Text & more.")]),
        ("<table><tr><td>1</td></tr></table>\n\n<img src='x'>Text.", [(0, "Text.")]),
        ("---\ntitle: x\n---\nText.", [(0, "Text.")]),
    ],
)
def test_markdown_is_read_as_its_prose(told: str, read: list[tuple[int, str]]) -> None:
    assert markdown(told) == read


def test_parts_that_say_nothing_of_the_work_are_left_out_with_all_that_is_under_them() -> None:
    parts = [
        (2, "1 Introduction"),
        (0, PROSE),
        (2, "6 Acknowledgments"),
        (0, "Thanks."),
        (2, "References"),
        (3, "Books"),
        (0, "[1]"),
    ]
    more = [(2, "A Proofs"), (0, "An appendix."), (2, "Table of Contents"), (0, "1 2 3"), (2, "Funding"), (0, "Money.")]
    titles = [section.title for section in sections_of([*parts, *more])]
    assert titles == ["1 Introduction", "A Proofs"]


def test_a_sentence_goes_on_after_its_formula() -> None:
    (section,) = sections_of([(0, PROSE), (0, "The loss is"), (0, "L = x + y,"), (0, "where x is small. It falls.")])
    assert sentences(section.text.splitlines()[-1]) == ["L = x + y, where x is small.", "It falls."]


def test_a_long_text_is_cut() -> None:
    sections = sections_of((level, "Title" if level else PROSE) for _ in range(1_000) for level in (1, 0))
    assert MOST_CHARACTERS - 2_000 <= sum(len(section.text) for section in sections) <= MOST_CHARACTERS
