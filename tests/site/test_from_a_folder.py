"""The site opened as files from a folder, without a server: pages, links, styles and formulas work."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser


@pytest.mark.parametrize("name", ["5-1-fully-connected.html", "en/3-pooling.html", "en/api/index.html"])
def test_a_page_opened_from_a_folder(browser: Browser, site: Path, name: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / name).as_uri())
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    assert failed == []
    assert [url for url in asked if not url.startswith(("file://", "data:", "blob:"))] == []
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
    files = {url.partition("#")[0].partition("?")[0] for url in links if url.startswith("file://")}
    assert len(files) > 10
    assert [url for url in files if not Path(url.removeprefix("file://")).is_file()] == []
    if not name.startswith("en/api/"):
        assert page.evaluate("document.fonts.check('16px KaTeX_Main')")
        assert page.locator(".katex-html").first.is_visible()
    page.locator("nav a[href$='notation.html']").first.evaluate("(link) => link.click()")
    page.wait_for_url("**/notation.html")
    assert page.locator("h1").first.is_visible()
    context.close()
