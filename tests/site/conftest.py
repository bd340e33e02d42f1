"""One build, one server, one browser for all tests of the site.

CNNSYM_SITE names a built site to reuse; without it the tests build one. A missing browser is a failure: a site that
nobody looked at is not tested.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from page_text import without
from playwright.sync_api import Browser, Page, Route, sync_playwright
from walking import Walk, observe, walk_through

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site that was built with --strict."""
    if built := os.environ.get("CNNSYM_SITE"):
        return Path(built).resolve()
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return target


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """The addresses of all pages, relative to the site: `index.html`, `en/3-pooling.html`. Listings of code are none."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [path for path in found if path.partition("/")[0] not in ("404.html", "code", "assets") and "/_" not in path]


@pytest.fixture(scope="session")
def soups(site: Path, pages: list[str]) -> dict[str, BeautifulSoup]:
    """All pages, parsed, formulas as MathML alone, which is half of all. Shared, so not to be changed."""
    return {page: BeautifulSoup(without((site / page).read_text("utf-8"), "katex-html"), "lxml") for page in pages}


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served; ends with a slash."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A browser that leaves a page drops its connections; that is no error."""

    with Server(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "no Chromium found: install it, or name its executable in CHROMIUM"
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield instance
        instance.close()


def lighten(route: Route) -> None:
    reply = route.fetch()
    route.fulfill(response=reply, body=without(reply.text(), "katex"))


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """``visit("en/index.html", width=390, color_scheme="dark")`` opens a page.

    The page has two lists besides: `requests`, the addresses it fetched, and `problems`, errors of scripts and servers.
    With `light` it comes without formulas, for tests of something else: those of a long page have 100,000 elements.
    """
    contexts = []

    def open_page(
        path: str, *, width: int = 1280, height: int = 900, light: bool = False, **options: object
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests = []
        page.problems = []
        observe(page, page.requests, page.problems)
        if light:
            page.route(address + path.partition("#")[0], lighten)
        page.goto(address + path)
        page.evaluate("document.fonts.ready")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def walk(browser: Browser, address: str, pages: list[str]) -> Walk:
    return walk_through(browser, address, pages)
