"""The interactive pieces in the browser: what they show is what the reference layers compute, with and without a script,
by keyboard, on a phone."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from cnnsym.reference import avg_pool2d, conv1d, conv2d, dct2d, max_pool2d
from cnnsym.reference.windows import lay

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "slide-kernel": "2-convolution.html",
    "commuting-shifts": "4-invariance.html",
    "max-pooling-orders": "4-invariance.html",
    "gradient-routing": "5-2-layer-to-layer.html",
    "cosine-transform": "3-3-dct.html",
}
LANGUAGES = {"zh": "", "en": "en/"}

# What is to be seen of a piece, without what only a script adds.
SHOWN = """root => ({
  tables: [...root.querySelectorAll("table")].filter(t => t.checkVisibility()).map(t => ({
    name: t.dataset.cells,
    caption: t.closest("figure").querySelector("figcaption").textContent,
    span: t.style.getPropertyValue("--span") || "1",
    cells: [...t.rows].map(r => [...r.cells].map(c =>
      [c.textContent, [...c.classList].sort().join(" "), c.style.getPropertyValue("--v")])),
  })),
  lines: [...root.querySelectorAll("[data-line]")].filter(p => p.checkVisibility()).map(p => p.textContent),
  result: root.querySelector("[role=status]").textContent,
})"""

# Controls are set as a hand would: the value, then the event.
SET = """(root, values) => {
  const form = root.querySelector("form");
  for (const [name, value] of Object.entries(values)) {
    const control = form.elements[name];
    if (control instanceof RadioNodeList) [...control].find(radio => radio.value === String(value)).checked = true;
    else control.value = value;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def piece(page: Page, name: str) -> Locator:
    return page.locator(f'[data-widget="{name}"]')


def shown(root: Locator) -> dict:
    return root.evaluate(SHOWN)


def choose(root: Locator, **values: object) -> dict:
    return root.evaluate(f"(root, values) => {{ ({SET})(root, values); return ({SHOWN})(root); }}", values)


def numbers(seen: dict, name: str) -> np.ndarray:
    cells = next(table["cells"] for table in seen["tables"] if table["name"] == name)
    return np.array([[float(text.replace("−", "-")) for text, _, _ in row] for row in cells])


def marked(seen: dict, name: str, mark: str) -> list[tuple[int, int]]:
    cells = next(table["cells"] for table in seen["tables"] if table["name"] == name)
    return [(i, j) for i, row in enumerate(cells) for j, (_, marks, _) in enumerate(row) if mark in marks.split()]


def data(root: Locator) -> dict:
    return root.evaluate('root => JSON.parse(root.querySelector("script").textContent).data')


@pytest.fixture
def open_piece(visit):
    def open_it(name: str, lang: str = "en", **options: object) -> Locator:
        page = visit(LANGUAGES[lang] + PLACES[name], light=True, **options)
        root = piece(page, name)
        assert root.count() == 1
        return root

    return open_it


# --- without a script, and with one ---


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLACES)
def test_the_script_begins_with_what_the_page_shows_without_it(open_piece, name: str, lang: str) -> None:
    still = open_piece(name, lang, java_script_enabled=False)
    assert not still.locator("form").is_visible()
    assert still.locator("table:visible").count() >= 3
    first = shown(still)
    alive = open_piece(name, lang)
    assert alive.locator("form").is_visible()
    assert shown(alive) == first
    assert first["result"]
    assert alive.page.problems == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLACES)
def test_it_speaks_the_language_of_the_page(open_piece, name: str, lang: str) -> None:
    root = open_piece(name, lang)
    text = root.inner_text() + (root.get_attribute("aria-label") or "")
    labels = root.locator("table[aria-label]").evaluate_all("all => all.map(t => t.ariaLabel)")
    for said in (text, root.get_attribute("aria-label"), *labels):
        assert bool(re.search(r"[\u4e00-\u9fff]", said)) == (lang == "zh"), said


def test_it_works_opened_from_a_folder(browser, site: Path) -> None:
    page = browser.new_context().new_page()
    for name, place in PLACES.items():
        page.goto((site / "en" / place).as_uri())
        assert piece(page, name).locator("form").is_visible()
        before = shown(piece(page, name))
        first = piece(page, name).locator("fieldset").first.locator("input:not(:checked)").last
        first.check()
        assert shown(piece(page, name)) != before
    page.context.close()


# --- what is shown is what the reference layers compute ---


def test_sliding_the_kernel(open_piece) -> None:
    root = open_piece("slide-kernel")
    given = data(root)
    x, W = (np.array(given[key], float)[None, None] for key in ("image", "kernel"))
    m, without = x.shape[2], 0
    for s, p, d in itertools.product((1, 2, 3), (0, 1, 2), (1, 2, 3)):
        seen = choose(root, stride=s, padding=p, dilation=d)
        assert (numbers(seen, "input") == np.pad(x[0, 0], p)).all()
        assert len(marked(seen, "input", "padding")) == (m + 2 * p) ** 2 - m**2
        try:
            windows = lay((m, m), 3, s, p, d)
        except ValueError:
            without += 1
            assert {table["name"] for table in seen["tables"]} == {"input", "kernel", "visits"}
            assert not numbers(seen, "visits").any() and not marked(seen, "input", "read")
            assert "spans 7 × 7" in seen["result"] and f"has {m} × {m} only" in seen["result"]
            continue
        P = windows.count[0]
        assert (numbers(seen, "output") == conv2d.forward(x, W, stride=s, padding=p, dilation=d)[0, 0]).all()
        assert (numbers(seen, "visits") == windows.add(np.ones((1, 1, 3, 3, P, P)))[0, 0]).all()
        assert seen["lines"] == [f"Output width: ⌊({m} + 2·{p} − {d}·(3 − 1) − 1) / {s}⌋ + 1 = {P}"]
        for u, v in {(0, 0), (P - 1, 0), (P - 1, P - 1)}:
            root.locator('[data-cells="output"] tr').nth(u).locator("td").nth(v).click()
            seen = shown(root)
            assert marked(seen, "output", "chosen") == [(u, v)]
            products = windows.read(x)[0, 0, :, :, u, v] * W[0, 0]
            assert (numbers(seen, "products") == products).all()
            places = [(s * u + d * a, s * v + d * b) for a in range(3) for b in range(3)]
            assert marked(seen, "input", "read") == places
            assert f"Output ({u}, {v})" in seen["result"]
            assert seen["result"].endswith(f"add up to {int(products.sum())}.".replace("-", "−"))
    assert without == 3


def test_which_shifts_commute(open_piece) -> None:
    root = open_piece("commuting-shifts")
    given = data(root)
    x = np.array(given["signal"], float)

    def moved(z: np.ndarray, t: int, circle: bool) -> np.ndarray:
        return np.array([z[(e - t) % len(z)] if circle or 0 <= e - t < len(z) else 0 for e in range(len(z))], float)

    said = set()
    for s, border, (name, kernel) in itertools.product((1, 2, 3), ("zeros", "circle"), given["kernels"].items()):
        circle = border == "circle"

        def layer(z: np.ndarray, s: int = s, circle: bool = circle, kernel: list = kernel) -> np.ndarray:
            padded = np.pad(z, 1, mode="wrap" if circle else "constant")
            return conv1d.forward(padded[None, None], np.array(kernel, float)[None, None], stride=s)[0, 0]

        for t in range(-6, 7):
            seen = choose(root, stride=s, border=border, kernel=name, shift=t)
            tau = int(re.search(r"then shifted by (\S+)", _caption(seen, "after"))[1].replace("−", "-"))
            assert (numbers(seen, "tx")[0] == moved(x, t, circle)).all()
            assert (numbers(seen, "y")[0] == layer(x)).all()
            before, after = layer(moved(x, t, circle)), moved(layer(x), tau, circle)
            assert (numbers(seen, "moved")[0] == before).all()
            assert (numbers(seen, "after")[0] == after).all()
            signs = [text for text, _, _ in next(o["cells"] for o in seen["tables"] if o["name"] == "marks")[0]]
            assert signs == ["≠" if one != other else "=" for one, other in zip(before, after, strict=True)]
            wrong = {j for _, j in marked(seen, "marks", "differs")}
            assert wrong == {j for j, sign in enumerate(signs) if sign == "≠"}
            unsure = {j for _, j in marked(seen, "marks", "edge")}
            assert wrong <= unsure
            if t % s:
                assert len(unsure) == len(signs) and "is no multiple" in seen["result"]
                assert wrong, "no shift of the output belongs to it"
                assert f"that still differ: {len(wrong)}." in seen["result"]
            else:
                assert tau == t // s and "is a multiple" in seen["result"]
                assert not (circle and unsure)
                assert (f"that differ: {len(wrong)}, all at the border" in seen["result"]) == bool(wrong)
            said.add(re.sub(r"[−\d]+", "#", seen["result"]))
    assert len(said) == 4  # everywhere, at the border or luckily not, and in between


def _caption(seen: dict, name: str) -> str:
    return next(table["caption"] for table in seen["tables"] if table["name"] == name)


def test_how_often_a_maximum_stays(open_piece) -> None:
    root = open_piece("max-pooling-orders")
    for p in (2, 3, 4):
        for t in range(5):
            seen = choose(root, window=p, shift=t)
            step = min(t, p)
            n = p + step
            share = Fraction(p - step, n)
            orders = math.factorial(n)
            assert f"{share * orders} / {orders} = {share.numerator}/{share.denominator};" in seen["result"]
            assert seen["result"].endswith(f"= {p - step}/{n}.")
            signs = [text for text, _, _ in next(o["cells"] for o in seen["tables"] if o["name"] == "same")[0]]
            assert signs == ["✓" if step <= place < p else "✗" for place in range(n)]
            if n > 6:
                continue
            values = np.array(list(itertools.permutations(range(n))), float)
            pooled = max_pool2d.forward(values[:, None, None, :], (1, p), stride=1)[:, 0, 0]
            assert int((pooled[:, 0] == pooled[:, step]).sum()) == share * orders


def test_where_the_gradient_goes(open_piece) -> None:
    root = open_piece("gradient-routing")
    given = data(root)
    x, W = (np.array(given[key], float)[None, None] for key in ("image", "kernel"))
    said = set()
    for layer, s in itertools.product(("average", "maximum", "convolution"), (1, 2)):
        k = 3 if layer == "convolution" else 2
        P = lay(x.shape[2:], k, s, 0, 1).count[0]
        g = np.array(given["gradient"], float)[:P, :P]
        backward = {
            "average": lambda grad, s=s: avg_pool2d.backward(grad, x.shape[2:], 2, stride=s),
            "maximum": lambda grad, s=s: max_pool2d.backward(grad, x, 2, stride=s),
            "convolution": lambda grad, s=s: conv2d.backward(grad, x, W, stride=s)[0],
        }[layer]
        seen = choose(root, layer=layer, stride=s, show="all")
        assert (numbers(seen, "output") == g).all()
        assert (numbers(seen, "gradient") == backward(g[None, None])[0, 0]).all()
        unread = int((lay(x.shape[2:], k, s, 0, 1).add(np.ones((1, 1, k, k, P, P))) == 0).sum())
        assert f"to no window: {unread}." in seen["result"]
        if layer == "convolution":
            wide = numbers(seen, "spread")
            assert wide.shape == (s * (P - 1) + 1,) * 2
            rest = 6 - (s * (P - 1) + 3)  # the pixels after the last window
            assert f"neighbouring gradients: {s - 1}; around them: 2;" in seen["lines"][-1]
            assert f"by the stride: {rest}." in seen["lines"][-1]
            assert (wide[::s, ::s] == g).all() and wide.sum() == g.sum()
            assert len(marked(seen, "spread", "padding")) == wide.size - g.size
        choose(root, show="one")
        for u, v in np.ndindex(P, P):
            root.locator('[data-cells="output"] tr').nth(u).locator("td").nth(v).click()
            seen = shown(root)
            one = np.zeros((1, 1, P, P))
            one[0, 0, u, v] = g[u, v]
            grad_x = backward(one)[0, 0]
            assert (numbers(seen, "gradient") == grad_x).all()
            assert marked(seen, "input", "read") == [(s * u + a, s * v + b) for a in range(k) for b in range(k)]
            assert len(marked(seen, "gradient", "none")) == (grad_x == 0).sum()
            window = x[0, 0, s * u : s * u + k, s * v : s * v + k]
            if layer == "maximum":
                ties = int((window == window.max()).sum())
                assert (f"{ties} pixels are largest" in seen["result"]) == (ties > 1)
                i, j = np.argwhere(grad_x)[0]
                assert f"({i}, {j})" in seen["result"]
                said.add(ties > 1)
    assert said == {True, False}


def test_the_cosine_transform(open_piece) -> None:
    root = open_piece("cosine-transform")
    x = np.array(data(root)["image"], float)
    f = dct2d.forward(x)

    def rounded(values: np.ndarray) -> np.ndarray:
        return np.floor(values + 0.5)

    order = sorted(np.ndindex(8, 8), key=lambda pair: (sum(pair), pair[0] if sum(pair) % 2 else -pair[0]))
    for K, inverse in itertools.product((0, 1, 9, 40, 63, 64), ("corrected", "printed")):
        seen = choose(root, kept=K, inverse=inverse)
        mask = np.zeros((8, 8))
        for h, w in order[:K]:
            mask[h, w] = 1
        rebuilt = (dct2d.inverse if inverse == "corrected" else dct2d.backward)(f * mask)
        assert np.abs(numbers(seen, "rebuilt") - rounded(rebuilt)).max() <= (K == 64)  # halves may fall either way
        assert sorted(marked(seen, "coefficients", "read")) == sorted(order[:K])
        assert (numbers(seen, "coefficients") == rounded(f)).all()
        exact = inverse == "corrected" and K == 64
        assert ((numbers(seen, "rebuilt") == x).all() and "e-1" in seen["result"]) == exact
        assert ("not even all 64" in seen["result"]) == (inverse == "printed")
        if not exact:
            error = float(re.search(r"image is ([\d.]+[\d])", seen["result"])[1])
            assert abs(error - np.abs(rebuilt - x).max()) < 0.0501
    for h, w in ((0, 0), (0, 7), (3, 5), (7, 7)):
        root.locator('[data-cells="coefficients"] tr').nth(h).locator("td").nth(w).click()
        seen = shown(root)
        one = np.zeros((8, 8))
        one[h, w] = 1
        basis = dct2d.backward(one)
        assert np.abs(numbers(seen, "basis") - basis).max() < 0.0501
        assert set(marked(seen, "basis", "negative")) == {tuple(place) for place in np.argwhere(basis < 0).tolist()}
        assert (np.diff(np.sign(basis[:, 0])) != 0).sum() == h and (np.diff(np.sign(basis[0])) != 0).sum() == w
        assert f"{h} from top to bottom, {w} from left to right" in seen["lines"][0]


# --- keyboard, screen reader, phone ---


@pytest.mark.parametrize(
    ("name", "table"),
    [("slide-kernel", "output"), ("gradient-routing", "output"), ("cosine-transform", "coefficients")],
)
def test_cells_are_chosen_by_keys(open_piece, name: str, table: str) -> None:
    root = open_piece(name)
    page = root.page
    grid = root.locator(f'[data-cells="{table}"]')
    assert grid.get_attribute("role") == "grid" and grid.get_attribute("aria-label")
    assert grid.locator('td[tabindex="0"]').count() == 1  # one stop of the Tab key
    last = len(numbers(shown(root), table)) - 1
    root.locator("form input").last.focus()
    page.keyboard.press("Tab")
    focused = 'document.activeElement.closest("[data-cells]")?.dataset.cells'
    assert page.evaluate(focused) == table

    def chosen() -> tuple[int, int]:
        [place] = marked(shown(root), table, "chosen")
        active = "[document.activeElement.parentElement.rowIndex, document.activeElement.cellIndex]"
        assert page.evaluate(active) == list(place)
        assert page.evaluate('document.activeElement.getAttribute("aria-selected")') == "true"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        return place

    page.keyboard.press("Home")
    for _ in range(last + 2):
        page.keyboard.press("ArrowUp")
    assert chosen() == (0, 0)
    before = shown(root)
    page.keyboard.press("ArrowRight")
    assert chosen() == (0, 1)
    page.keyboard.press("ArrowDown")
    assert chosen() == (1, 1)
    page.keyboard.press("End")
    assert chosen() == (1, last)
    page.keyboard.press("ArrowRight")
    assert chosen() == (1, last)
    page.keyboard.press("ArrowLeft")
    assert chosen() == (1, last - 1)
    after = shown(root)
    assert (after["result"], after["lines"]) != (before["result"], before["lines"])


@pytest.mark.parametrize("name", PLACES)
def test_controls_work_by_keys_and_show_the_focus(open_piece, name: str) -> None:
    root = open_piece(name)
    page = root.page
    radio = root.locator('input[type="radio"]:checked').first
    radio.focus()
    before = shown(root)
    page.keyboard.press("ArrowRight")
    assert shown(root) != before
    page.keyboard.press("ArrowLeft")
    outline = "getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"
    assert page.evaluate(outline) == "solid"
    assert shown(root) == before
    if root.locator('input[type="range"]').count():
        root.locator('input[type="range"]').focus()
        page.keyboard.press("ArrowRight")
        assert shown(root)["result"] != before["result"]
        value = root.locator('input[type="range"]').input_value()
        assert root.locator("output").inner_text() == value


@pytest.mark.parametrize(("lang", "scheme"), [("zh", "light"), ("en", "dark")])
@pytest.mark.parametrize("name", PLACES)
def test_axe_finds_nothing(open_piece, name: str, lang: str, scheme: str) -> None:
    root = open_piece(name, lang, color_scheme=scheme)
    if name == "gradient-routing":
        choose(root, layer="convolution")
    if name == "cosine-transform":
        choose(root, kept=64)
    # The rest of the page is the matter of other tests; with all its formulas axe would take a minute.
    root.evaluate('root => root.closest("article").replaceChildren(root)')
    root.page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = root.page.evaluate("name => axe.run({include: [`[data-widget='${name}']`]})", name)
    assert [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in found["violations"]] == []
    assert len(found["passes"]) > 5


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLACES)
def test_nothing_overflows_on_a_phone(open_piece, name: str, lang: str) -> None:
    root = open_piece(name, lang, width=360)
    widest = {
        "slide-kernel": [{"padding": 2}, {"padding": 0, "dilation": 3}],
        "commuting-shifts": [{"stride": s, "border": "circle", "shift": -6} for s in (1, 2, 3)],
        "max-pooling-orders": [{"window": 4, "shift": 4}],
        "gradient-routing": [{"layer": "convolution", "stride": 1}, {"layer": "maximum", "stride": 1}],
        "cosine-transform": [{"kept": 64, "inverse": "printed"}],
    }[name]
    for values in widest:
        choose(root, **values)
        assert root.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        right = root.evaluate("root => root.getBoundingClientRect().right")
        inner = root.evaluate(
            "root => Math.max(...[...root.querySelectorAll('*')].map(e => e.getBoundingClientRect().right))"
        )
        assert inner <= right
        narrow = root.evaluate("""root => [...root.querySelectorAll("td")].filter(c => c.checkVisibility()
          && c.scrollWidth > c.clientWidth + 1).map(c => c.textContent)""")
        assert narrow == []  # no number is wider than its cell


def test_links_lead_to_the_claims(soups) -> None:
    found = 0
    for prefix in LANGUAGES.values():
        for name, place in PLACES.items():
            widget = soups[prefix + place].select_one(f'[data-widget="{name}"]')
            for link in widget.select("p.cnnsym-widget__rule a"):
                target, _, anchor = link["href"].partition("#")
                assert soups[prefix + (target or place)].find(id=anchor) is not None, link["href"]
                found += 1
    assert found == 2 * 13
