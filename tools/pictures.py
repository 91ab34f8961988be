"""`make pictures`: every picture of docs/pictures, of the demo's page in a headless Chromium, so that none is ever stale.

The day is one of sandbox/replies, the clock SimCord's, the windows have fixed sizes: on one machine the same program gives the
same bytes. Names as arguments make those pictures alone.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from sandbox.model import ModelServer
from sandbox.press import REPLIES, Press, days_in
from sandbox.world import World, opened
from tools.scenes import MORNING, PLAIN, WITH_A_MODEL, Scene, says

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDE, NARROW = 1000, 430  # pixels of the window: a desk's and a telephone's
_HEIGHT = 2400  # no message is longer
_COLOURS = 96  # a picture of text needs no more, and is a third as large
_BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--font-render-hinting=none"]


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


def browser_of(environment: dict[str, str]) -> str:
    """The Chromium to use: the one that CHROMIUM names, or else one on PATH. Raises NoBrowser, saying what to do."""
    named = environment.get("CHROMIUM", "")
    for name in (named,) if named else _BROWSERS:
        if found := shutil.which(name, path=environment.get("PATH")):
            return found
    raise NoBrowser(
        f"CHROMIUM names {named}, which is no program: name a Chromium or Chrome there."
        if named
        else "The pictures need a Chromium: install one (Debian: apt install chromium), or name yours in the variable CHROMIUM."
    )


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    # Chromium has no sandbox of its own for root, as in a container; it sees nothing but our own page on loopback.
    alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_of(dict(os.environ)), args=[*_QUIET, *alone])
        try:
            yield browser
        finally:
            await browser.close()


async def _take(browser: Browser, url: str, scene: Scene, width: int) -> bytes:
    """A scene's messages, or the form, on the page in a window of ``width``; PNG."""
    context = await browser.new_context(viewport={"width": width, "height": _HEIGHT}, reduced_motion="reduce", locale="en-GB")
    try:
        page = await context.new_page()
        await page.goto(url)
        await page.wait_for_function("() => window.simcordPreview && window.simcordPreview.ready === true")
        return await (_form(page, scene.typed) if scene.typed else _messages(page, scene.messages))
    finally:
        await context.close()


async def _messages(page: Page, count: int) -> bytes:
    await page.mouse.move(0, 0)
    last = (await page.locator("article.channel-message").all())[-count:]
    boxes = [box for article in last if (box := await article.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = max(box["x"] + box["width"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return await page.screenshot(clip=clip, caret="hide", animations="disabled")  # type: ignore[arg-type] # a dict is what it takes


async def _form(page: Page, typed: str) -> bytes:
    """The form that a command opens which is typed into the page."""
    await page.set_viewport_size({"width": (page.viewport_size or {"width": WIDE})["width"], "height": 1400})
    line = page.locator("textarea:visible, [contenteditable=true]:visible, input[type=text]:visible").last
    await line.click()
    await line.press_sequentially(typed)
    for key in ("Enter", "Enter"):  # choose the command, then run it
        await page.wait_for_timeout(400)
        await page.keyboard.press(key)
    form = page.locator("[role=dialog]:visible, dialog:visible").last
    await form.wait_for()
    # All of it, where the page would have it scrolled.
    await form.evaluate("form => [form, ...form.querySelectorAll('*')].forEach(each => { each.style.maxHeight = 'none' })")
    await page.mouse.move(0, 0)
    return await form.screenshot(caret="hide", animations="disabled")


def saved(png: bytes, file: Path) -> None:
    """Write a picture in few colours."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    few = picture.quantize(
        _COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE
    )  # rare colours stay, greys too
    few.save(file, optimize=True)


async def _play(browser: Browser, world: World, scenes: Sequence[Scene], folder: Path) -> None:
    club = world.guild.create_text_channel("reading-club")
    for scene in scenes:
        channel = world.channels.get(scene.place, club)
        await scene.play(world, channel)
        async with world.env.preview(channel, viewers=[world.moderator], layout="channel", port=0) as shown:
            await shown.refresh()
            for ending, width, is_wanted in (("", WIDE, scene.wide), ("-narrow", NARROW, scene.narrow)):
                if not is_wanted:
                    continue
                file = folder / f"{scene.name}{ending}.png"
                saved(await _take(browser, shown.url, scene, width), file)
                print(f"{file.name}")


async def make(names: Sequence[str], folder: Path = PICTURES) -> None:
    """The pictures of the scenes of these names, or of all."""
    days = days_in(REPLIES)
    async with _browser() as browser, ModelServer(says=says).running() as model:
        for scenes, earlier, model_url in ((PLAIN, days, ""), (WITH_A_MODEL, days, model), (MORNING, days[:-1], "")):
            wanted = [scene for scene in scenes if not names or scene.name in names]
            if wanted:
                async with _world(days[-1], earlier, model_url) as world:
                    await _play(browser, world, wanted, folder)


@asynccontextmanager
async def _world(day: date, earlier: Sequence[date], model_url: str) -> AsyncIterator[World]:
    with tempfile.TemporaryDirectory(prefix="paperboy-pictures-") as folder:
        async with (
            Press(REPLIES, lambda: day).running() as url,
            opened(Path(folder) / "pictures.db", url, day, earlier, model_url) as world,
        ):
            yield world


def main() -> None:
    logging.disable(logging.ERROR)
    try:
        asyncio.run(make(sys.argv[1:]))
    except NoBrowser as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
