"""A query to the site's own search, as a reader would make it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

READY = {"zh": "键入以开始搜索", "en": "Type to start searching"}


def search(page: Page, query: str) -> list[str]:
    """The addresses that the query finds, best first; waits until the index is there, and until it has answered."""
    field, answer = page.locator("[data-md-component=search-query]"), page.locator(".md-search-result__meta")
    ready = READY[page.evaluate("document.documentElement.lang")]
    field.click()
    for text, asked in (("", False), (query, True)):
        field.fill(text)
        field.dispatch_event("keyup")  # on which the search waits; text that is filled in releases no key
        matches = expect(answer)
        (matches.not_to_have_text if asked else matches.to_have_text)(ready, timeout=30_000)
    return [link.get_attribute("href") for link in page.locator(".md-search-result__link").all()]
