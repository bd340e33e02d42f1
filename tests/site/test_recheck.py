"""The check in the reader's browser: the same verdicts as the build, for this site alone, and only when asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

LONG = 240_000  # milliseconds, for a first check on a busy machine
SHORT = 60_000
PAGE = "5-1-fully-connected.html"
CLAIM = "5.1-model"

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def judged(site: Path) -> dict[str, str]:
    """What the build found: the verdict on each equality, by its id."""
    report = json.loads((site / "report.json").read_text("utf-8"))
    rows = report["results"] if "results" in report else next(v for v in report.values() if isinstance(v, list))
    return {row["id"]: row["verdict"] for row in rows}


def unfold(page: Page, claim: str) -> tuple[Locator, Locator]:
    """The tools of a claim and the part of its block they stand in, unfolded."""
    tools = page.locator(f'.cnnsym-tools[data-claim="{claim}"]')
    part = page.locator("details").filter(has=tools).first
    if part.count() and part.get_attribute("open") is None:
        part.locator("summary").first.click()
    return tools, part


def check(page: Page, claim: str) -> Locator:
    """Start the check of a claim; its panel."""
    tools, part = unfold(page, claim)
    tools.locator(".cnnsym-recheck__offer").click()
    return part.locator(".cnnsym-recheck")


def verdicts(panel: Locator) -> list[str]:
    """The classes of the badges on the equalities: the same in both languages."""
    badges = panel.locator(".cnnsym-recheck__list .cnnsym-badge")
    return [re.search(r"--(\w+)", one.get_attribute("class"))[1] for one in badges.all()]


def submit(panel: Locator, latex: str) -> list[str]:
    panel.locator("textarea").fill(latex)
    panel.locator("button[type=submit]").click()
    expect(panel.locator("button[type=submit]")).to_be_enabled(timeout=SHORT)
    return verdicts(panel)


def test_nothing_is_loaded_before_the_click_and_nothing_from_elsewhere(visit: Visit, address: str) -> None:
    page = visit(f"en/{PAGE}", light=True)
    expect(page.locator(".cnnsym-recheck__offer").first).to_be_attached()
    page.wait_for_timeout(1000)
    assert not [url for url in page.requests if "/recheck/" in url or "recheck-worker" in url]
    panel = check(page, CLAIM)
    expect(panel.locator("textarea")).to_be_visible(timeout=LONG)
    assert [url for url in page.requests if "pyodide.asm.wasm" in url]
    assert {urlsplit(url).netloc for url in page.requests} == {urlsplit(address).netloc}
    assert page.problems == []


@pytest.mark.parametrize("prefix", ["", "en/"])
def test_a_claim_is_proved_then_its_changed_formula_refuted(visit: Visit, prefix: str) -> None:
    page = visit(prefix + PAGE, light=True)
    panel = check(page, CLAIM)
    expect(panel.locator("textarea")).to_be_visible(timeout=LONG)
    assert verdicts(panel) == ["proved", "proved"]
    text = panel.inner_text()
    assert ("Near misses: 2 of 2 refuted" if prefix else "2 个中已否证 2 个") in text
    assert ("the same as the page" if prefix else "与本页结论一致") in text

    original = panel.locator("textarea").input_value()
    assert "\\label" not in original
    assert submit(panel, original.replace("+\\bold", "-\\bold")) == ["refuted", "proved"]
    assert ("left side 1, right side -1" if prefix else "左边 1，右边 -1") in panel.inner_text()

    assert submit(panel, original + " +") == ["unknown"]  # the badge of what cannot be read
    said = panel.locator(".cnnsym-recheck__list pre").inner_text()
    assert re.search(r"line 1, column \d+", said) and said.splitlines()[-1].strip() == "^"

    for junk in ("", "}{", "\\frac", "(" * 2000, "<img src=x onerror=alert(1)>", "__import__('os') = 1"):
        assert submit(panel, junk) == ["unknown"], junk
        assert not panel.locator("img").count()

    panel.get_by_role("button", name="Restore" if prefix else "恢复原样").click()
    assert panel.locator("textarea").input_value() == original
    assert submit(panel, original) == ["proved", "proved"]
    assert page.problems == []


def test_verdicts_are_those_of_the_build(visit: Visit, site: Path, judged: dict[str, str]) -> None:
    """A sample over all methods, each from the LaTeX of its page, in one worker."""
    contents = json.loads((site / "assets/recheck/claims.json").read_text("utf-8"))["claims"]
    sample = [
        "5.1-vec-grad-1",  # index form
        "2.1-cost-2d",  # affine form
        "1.1-fc-interaction",
        "3.3-cosine-product",  # Euler's formula
        "3.3-eq2-idct",  # refuted as printed
        "3.3-cosine-kernel",  # telescoping, case by case
        *sorted(name for name in contents if name.startswith(("2.1-receptive", "4.3-")))[:4],
    ]
    sample = [name for name in sample if name in contents]
    page = visit("en/playground.html")
    place = page.locator('[data-recheck="playground"]')
    place.locator(".cnnsym-recheck__offer").click()
    expect(place.locator(".cnnsym-recheck__list li").first).to_be_visible(timeout=LONG)
    compared = {}
    for name in sample:
        expected = [v for i, v in judged.items() if i == name or re.fullmatch(re.escape(name) + r"\.\d+", i)]
        place.locator("select").nth(0).select_option(contents[name]["file"])
        place.locator("select").nth(1).select_option(name)
        found = submit(place, place.locator("textarea").input_value())
        assert found == expected, name
        compared[name] = found
    assert len(compared) >= 3
    assert {verdict for found in compared.values() for verdict in found} == {"proved", "refuted"}


def test_the_check_can_be_cancelled_and_begun_again(visit: Visit) -> None:
    page = visit(f"en/{PAGE}", light=True)
    panel = check(page, CLAIM)
    cancel = panel.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    cancel.click()
    expect(panel.locator("[role=status]")).to_have_text("Cancelled.")
    expect(cancel).to_be_hidden()
    for _ in range(100):
        if not (left := [worker.url for worker in page.workers if "recheck" in worker.url]):
            break
        page.wait_for_timeout(200)
    assert not left  # Python does not go on behind the reader's back
    unfold(page, CLAIM)[0].locator(".cnnsym-recheck__offer").click()
    expect(panel.locator("textarea")).to_be_visible(timeout=LONG)
    assert verdicts(panel) == ["proved", "proved"]


def test_the_size_is_stated_beforehand_and_is_the_true_one(visit: Visit, site: Path) -> None:
    folder = site / "assets/recheck"
    files = [path for path in folder.iterdir() if path.name != "claims.json"]
    page = visit(f"en/{PAGE}", light=True)
    stated = int(page.locator('meta[name="cnnsym-recheck"]').get_attribute("content"))
    assert stated == sum(path.stat().st_size for path in files)
    offer = page.locator(".cnnsym-recheck__offer").first.text_content()
    assert f"about {stated / 1e6:.0f} MB" in offer
    assert stated < 25e6


def test_a_file_that_is_missing_is_told(visit: Visit) -> None:
    page = visit(f"en/{PAGE}", light=True)
    page.context.route("**/assets/recheck/libraries.zip", lambda route: route.fulfill(status=404))
    panel = check(page, CLAIM)
    expect(panel.locator("[role=status]")).to_contain_text("could not be run", timeout=LONG)
    assert "404" in panel.locator("[role=status]").inner_text()
    expect(unfold(page, CLAIM)[0].locator(".cnnsym-recheck__offer")).to_be_enabled()


def test_a_page_opened_from_a_folder_says_what_is_needed(visit: Visit, site: Path) -> None:
    page = visit(f"en/{PAGE}", light=True)
    page.goto((site / "en" / PAGE).as_uri())
    panel = check(page, CLAIM)
    expect(panel.locator("[role=status]")).to_contain_text("http.server")


def test_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit(f"en/{PAGE}", light=True)
    tools, part = unfold(page, CLAIM)
    tools.locator(".cnnsym-recheck__offer").focus()
    page.keyboard.press("Enter")
    area = part.locator(".cnnsym-recheck textarea")
    expect(area).to_be_visible(timeout=LONG)
    area.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("W_i = W_i^{\\top}")
    page.keyboard.press("Control+Enter")
    expect(part.locator("button[type=submit]")).to_be_enabled(timeout=SHORT)
    assert verdicts(part.locator(".cnnsym-recheck")) in (["refuted"], ["unknown"])
    assert part.locator(".cnnsym-recheck [role=status]").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_panel_fits_a_phone(visit: Visit, scheme: str) -> None:
    page = visit(PAGE, light=True, width=360, color_scheme=scheme)
    panel = check(page, CLAIM)
    expect(panel.locator("textarea")).to_be_visible(timeout=LONG)
    submit(panel, panel.locator("textarea").input_value() + " + unknown_symbol_of_some_length \\frac{1}{2} \\frac")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_nothing_is_offered(visit: Visit) -> None:
    page = visit("en/playground.html", java_script_enabled=False)
    assert not page.locator(".cnnsym-recheck__offer").count()
    assert "needs JavaScript" in page.locator('[data-recheck="playground"]').inner_text()
