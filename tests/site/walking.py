"""One visit to every page of the site, in a real browser."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, Page

WIDTHS = (1280, 768, 360)


@dataclass(frozen=True)
class Walk:
    """What a browser met on its way through every page."""

    visited: list[str]
    requests: list[str]
    problems: list[str]
    too_wide: list[tuple[str, int, int]]  # page, width of the window, width of the page


def walk_through(browser: Browser, address: str, pages: list[str]) -> Walk:
    """Every page once, in three widths: loading it is what takes the time."""
    seen = Walk([], [], [], [])
    context = browser.new_context(reduced_motion="reduce")  # else the drawer still slides when it is measured
    page = context.new_page()
    observe(page, seen.requests, seen.problems)
    for path in pages:
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        page.goto(address + path)
        page.evaluate("document.fonts.ready")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.wait_for_timeout(50)
            found = page.evaluate("document.documentElement.scrollWidth")
            if found > width:
                seen.too_wide.append((path, width, found))
        seen.visited.append(path)
    page.wait_for_load_state("networkidle")
    context.close()
    return seen


def observe(page: Page, requests: list[str], problems: list[str]) -> None:
    """Write down what a page fetches, and the errors of its scripts and of the server."""
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("response", lambda reply: problems.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None)
