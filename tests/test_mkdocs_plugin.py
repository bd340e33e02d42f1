"""The MkDocs plugin: small sites are built, right ones and wrong ones; every kind of fault fails a strict build at its line."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup

DERIVATION = dedent(
    r'''
    """Two claims about a product, one of them wrong as printed."""

    import cnnsym
    from cnnsym.claim import Claim, Derivation, Erratum, Measurement, NearMiss, Step, Text

    n = cnnsym.dims("n")
    A, B, x = cnnsym.matrix("A", n, n), cnnsym.matrix("B", n, n), cnnsym.vector("x", n)
    ERROR = 1e-16


    def measure():
        return (Measurement("numpy", "3 x 3", "float64", 7, ERROR, 1e-12),)


    def misses():
        return (
            NearMiss(Text("次序", "order kept"), lambda: ((A * B).T, A.T * B.T)),
            NearMiss(Text("漏掉转置", "<no> transpose"), lambda: ((A * B).T, B * A)),
        )


    def claim(id, chain, **more):
        return Claim(id, "9.1", Text("标题", "Title & more"), chain, near_misses=misses(), numeric=measure, **more)


    DERIVATION = Derivation(
        Text("乘积", "Products"),
        "let n : size; let A, B : matrix(n, n); let \\boldsymbol{x} : vector(n)",
        (
            claim(
                "9.1-product",
                ((A * B).T, B.T * A.T),
                steps=(Step((A * B).T, B.T * A.T, Text("转置反序", "a transpose reverses"), source="Lang, p. 3"),),
            ),
            claim("9.1-action", ((A * B).T * x, B.T * (A.T * x), B.T * A.T * x)),
            claim(
                "9.1-printed",
                ((A * B).T, A.T * B.T),
                expected="refuted",
                erratum=Erratum("A^{\\top} B^{\\top}", "B^{\\top} A^{\\top}", Text("次序相反", "the order is reversed")),
            ),
            claim("9.1-printed-corrected", ((A * B).T, B.T * A.T)),
        ),
    )
    '''
).lstrip()

PAGE = dedent(
    r"""
    ---
    title: Products
    ---

    # 9 Products

    ## 9.1 A product

    $$
    (AB)^{\top} = B^{\top} A^{\top} \label{9.1-product}
    $$

    $$
    \begin{aligned}
    (AB)^{\top} &= A^{\top} B^{\top} \label{9.1-printed} \\
    (AB)^{\top} &= B^{\top} A^{\top} \label{9.1-printed-corrected}
    \end{aligned}
    $$

    ## 9.2 The rest

    $$
    (AB)^{\top}\boldsymbol{x} = B^{\top} (A^{\top} \boldsymbol{x}) = B^{\top} A^{\top} \boldsymbol{x} \label{9.1-action}
    $$

    Unlabelled:

    $$
    1 + 1 = 2
    $$
    """
).lstrip()

CONFIG = dedent(
    """
    site_name: test
    theme: {name: mkdocs}
    plugins:
      - cnnsym: {jobs: 1}
    markdown_extensions:
      - pymdownx.arithmatex: {generic: true}
    """
)


@dataclass(frozen=True)
class Built:
    code: int
    log: str
    site: Path

    def page(self, address: str = "") -> BeautifulSoup:
        return BeautifulSoup((self.site / address / "index.html").read_text("utf-8"), "html.parser")


@pytest.fixture
def build(tmp_path: Path):
    """`build(page=..., derivation=...)` writes a site and builds it with --strict and further options."""

    def build(
        *options: str, page: str = PAGE, derivation: str = DERIVATION, config: str = CONFIG, **pages: str
    ) -> Built:
        files = {"mkdocs.yml": config, "docs/index.md": page, "derivations/products.py": derivation}
        files |= {f"docs/{name}.md": text for name, text in pages.items()}
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", *(options or ("--strict",))],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return Built(done.returncode, done.stdout + done.stderr, tmp_path / "site")

    return build


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, (text.count(old), old)
    return text.replace(old, new)


def test_a_right_page_passes_and_shows_what_was_found(build) -> None:
    built = build(report="# Report\n\n<!-- cnnsym: report -->\n")
    assert built.code == 0, built.log
    page = built.page()
    claim = page.find(id="9.1-product")
    assert claim["class"] == ["cnnsym-claim", "cnnsym-claim--proved"]
    assert claim.find("div", class_="arithmatex", recursive=False) is not None
    assert claim.select_one(".cnnsym-badge").get_text() == "Proved for all sizes"
    details = claim.find("details")
    assert details["data-search-exclude"] == "1"
    text = details.get_text()
    for shown in ("a transpose reverses", "Lang, p. 3", "<no> transpose", "n = 2", "1e-16", "float64", "by index form"):
        assert shown in text, shown
    assert r"\label" not in text

    assert [bar["id"] for bar in page.find(id="9.1-action").select(".cnnsym-claim__bar")] == [
        "9.1-action.1",
        "9.1-action.2",
    ]
    two = page.find(id="9.1-printed").find_parent(class_="cnnsym-claim")
    assert [bar["id"] for bar in two.select(".cnnsym-claim__bar")] == ["9.1-printed", "9.1-printed-corrected"]
    assert [b.get_text() for b in two.select(".cnnsym-claim__bar .cnnsym-badge")] == [
        "False as printed, corrected",
        "Proved for all sizes",
    ]
    assert "the order is reversed" in two.select_one(".cnnsym-erratum").get_text()
    assert two.select_one(".cnnsym-erratum a")["href"] == "#9.1-printed-corrected"
    plain = page.select_one(".cnnsym-claim--compact")
    assert plain.select_one(".cnnsym-badge--unchecked") and "1 + 1 = 2" in plain.get_text()

    report = built.page("report")
    rows = [[cell.get_text() for cell in row.find_all("td")] for row in report.select("table")[2].select("tbody tr")]
    assert [row[0] for row in rows] == ["9.1-product", "9.1-action", "9.1-printed", "9.1-printed-corrected"]
    assert rows[0][3:] == ["Proved for all sizes", "all sizes", "index form", "1", "2/2", "1e-16"]
    assert report.find("a", string="9.1-product")["href"] == "../#9.1-product"
    coverage = [row.get_text(" ", strip=True) for row in report.select("table")[1].select("tbody tr")]
    assert coverage[0].startswith("9.1 A product 4 claims")
    assert coverage[1] == "9.2 The rest none Not checked yet"
    document = json.loads((built.site / "report.json").read_text("utf-8"))
    assert document["summary"]["proved"] == 4 and document["summary"]["refuted"] == 1


def test_processes_give_the_same(build) -> None:
    one = build()
    two = build(config=changed(CONFIG, "jobs: 1", "jobs: 2"))
    assert (one.code, two.code) == (0, 0), two.log
    assert str(one.page()) == str(two.page())


FORMULA = "$$\n(AB)^{\\top} = B^{\\top} A^{\\top} \\label{9.1-product}\n$$"
LINE = PAGE.count("\n", 0, PAGE.index(FORMULA)) + 1  # front matter stands above it


@pytest.mark.parametrize(
    ("page", "derivation", "expected"),
    [
        pytest.param(
            changed(PAGE, r"= B^{\top} A^{\top} \label{9.1-product}", r"= B A^{\top} \label{9.1-product}"),
            DERIVATION,
            ["docs/index.md:10:13: 9.1-product: the right side is not what was derived: refuted, n=2"],
            id="a transpose dropped",
        ),
        pytest.param(
            changed(PAGE, r"= B^{\top} A^{\top} \label{9.1-product}", r"= B^{\top A^{\top} \label{9.1-product}"),
            DERIVATION,
            ["docs/index.md:10:", "9.1-product"],
            id="LaTeX that cannot be read",
        ),
        pytest.param(
            changed(PAGE, r"\label{9.1-product}", r"\label{9.1-prodct}"),
            DERIVATION,
            [
                "docs/index.md:9: 9.1-prodct: no claim 9.1-prodct; did you mean 9.1-product",
                "derivations/products.py:31: 9.1-product: no page in the language en has this formula",
            ],
            id="a label that no claim has",
        ),
        pytest.param(
            f"{PAGE}\n{FORMULA}\n",
            DERIVATION,
            ["docs/index.md:32: 9.1-product: this label stands twice, first at line 9"],
            id="a label twice",
        ),
        pytest.param(
            PAGE,
            changed(
                DERIVATION,
                '"9.1-printed-corrected", ((A * B).T, B.T * A.T)',
                '"9.1-printed-corrected", ((A * B).T, B.T * A)',
            ),
            [
                "docs/index.md:13: 9.1-printed-corrected: expected proved, found refuted (n=2",
                "docs/index.md:16:",
            ],
            id="a claim that is refuted",
        ),
        pytest.param(
            PAGE,
            changed(DERIVATION, '"<no> transpose"), lambda: ((A * B).T, B * A)', '"<no> transpose"), lambda: (A, A)'),
            ["docs/index.md:9: 9.1-product, near miss '<no> transpose': expected refuted, found proved"],
            id="a near miss that survives",
        ),
        pytest.param(
            PAGE,
            changed(DERIVATION, "Step((A * B).T, B.T * A.T", "Step((A * B).T, A.T * B.T"),
            ["docs/index.md:9: 9.1-product, step 1 (a transpose reverses): refuted"],
            id="a wrong step",
        ),
        pytest.param(
            PAGE,
            changed(DERIVATION, "ERROR = 1e-16", "ERROR = 1e-3"),
            ["docs/index.md:9: 9.1-product, numeric check 'numpy' at 3 x 3 float64, seed 7: error 0.001"],
            id="a number that is off",
        ),
        pytest.param(
            PAGE,
            changed(DERIVATION, "near_misses=misses()", "near_misses=misses()[:1]"),
            ["docs/index.md:9: 9.1-product: vacuous: it has 1 near miss, expected at least 2"],
            id="too few near misses",
        ),
        pytest.param(
            changed(PAGE, FORMULA, "Nothing."),
            DERIVATION,
            ["derivations/products.py:31: 9.1-product: no page in the language en has this formula"],
            id="a claim that no page shows",
        ),
        pytest.param(
            PAGE + "\n\\[\n(AB)^{\\top} = A B \\label{9.1-other}\n\\]\n",
            DERIVATION,
            ["docs/index.md: 9.1-other: not checked, for it does not stand between $$ and $$"],
            id="a formula in other brackets",
        ),
        pytest.param(
            changed(PAGE, r"\label{9.1-printed} \\", r"\label{9.1-printed} \\ &= A \\"),
            DERIVATION,
            [
                "docs/index.md:15:58: 9.1-printed: this equality has no label",
                "docs/index.md:15:58: 9.1-printed-corrected: this equality has no label",
            ],
            id="a row that nobody checks",
        ),
        pytest.param(
            changed(
                PAGE,
                r"= B^{\top} A^{\top} \label{9.1-product}",
                r"= \underbrace{B^{\top} A^{\top}}_{= A} \label{9.1-product}",
            ),
            DERIVATION,
            ["docs/index.md:9: 9.1-product: what is written at a brace is not checked"],
            id="a formula under a brace",
        ),
        pytest.param(
            changed(PAGE, FORMULA, f"<!-- {FORMULA} -->"),
            DERIVATION,
            ["docs/index.md:9: 9.1-product: no block shows this formula"],
            id="a formula in a comment",
        ),
    ],
)
def test_each_fault_fails_a_strict_build_at_its_line(build, page: str, derivation: str, expected: list[str]) -> None:
    """With -q too, which keeps MkDocs from counting warnings."""
    assert LINE == 9
    built = build("--strict", "-q", page=page, derivation=derivation)
    assert built.code == 1, built.log
    for part in expected:
        assert part in built.log, built.log


def test_faults_are_warnings_too(build) -> None:
    wrong = changed(PAGE, r"= B^{\top} A^{\top} \label{9.1-product}", r"= B A^{\top} \label{9.1-product}")
    assert "WARNING -  cnnsym: docs/index.md:10:13: 9.1-product: " in build(page=wrong).log


def test_what_is_wrong_does_not_look_proved(build) -> None:
    """Without --strict, as in `mkdocs serve`, the page is shown; it must not claim more than was found."""
    wrong = changed(PAGE, r"= B^{\top} A^{\top} \label{9.1-product}", r"= B A^{\top} \label{9.1-product}")
    built = build("--quiet", page=wrong, report="# R\n\n<!-- cnnsym: report -->\n")
    assert built.code == 0, built.log
    claim = built.page().find(id="9.1-product")
    assert claim["class"] == ["cnnsym-claim", "cnnsym-claim--unchecked"]
    assert "n=2" in claim.find("details").get_text()
    row = built.page("report").find("a", string="9.1-product").find_parent("tr")
    assert row.select_one(".cnnsym-badge--unchecked")

    survives = changed(DERIVATION, '"<no> transpose"), lambda: ((A * B).T, B * A)', '"<no> transpose"), lambda: (A, A)')
    page = build("--quiet", derivation=survives).page()
    assert not page.select(".cnnsym-claim__bar .cnnsym-badge--proved")
    assert "A safeguard failed" in page.find(id="9.1-product").get_text()

    unproved = changed(
        DERIVATION, '"9.1-printed-corrected", ((A * B).T, B.T * A.T)', '"9.1-printed-corrected", ((A * B).T, A)'
    )
    page = build("--quiet", derivation=unproved).page()
    assert page.find(id="9.1-printed").select_one(".cnnsym-badge--refuted"), "what it is corrected to is not proved"


def test_a_broken_derivation_stops_the_build(build) -> None:
    built = build("--quiet", derivation=DERIVATION + "\nraise ValueError('broken')\n")
    assert built.code == 1
    assert "derivations/products.py" in built.log and "broken" in built.log
    built = build("--quiet", derivation=changed(DERIVATION, "let n : size;", "let n : sighs;"))
    assert built.code == 1
    assert "sighs" in built.log


def test_text_of_a_claim_is_text(build) -> None:
    built = build(derivation=changed(DERIVATION, '"Title & more"', '"<script>alert(1)</script> & $$x$$"'))
    assert built.code == 0, built.log
    page = built.page()
    assert not [script for script in page.find_all("script") if "alert" in (script.string or "")]
    assert "<script>alert(1)</script> & $$x$$" in page.find(id="9.1-product").get_text()


def test_a_page_without_badges_may_be_named(build) -> None:
    built = build(config=changed(CONFIG, "{jobs: 1}", "{jobs: 1, plain: [index.md]}"))
    assert built.code == 0, built.log
    assert not built.page().select(".cnnsym-claim--compact")
    assert built.page().find(id="9.1-product") is not None


@pytest.mark.parametrize("jobs", [1, 2])
def test_deciders_that_disagree_end_the_build_strict_or_not(build, jobs: int) -> None:
    disagree = "def measure():\n    from cnnsym.errors import InternalError\n    raise InternalError('they disagree')\n"
    built = build(
        derivation=changed(DERIVATION, "def measure():\n", disagree), config=CONFIG.replace("jobs: 1", f"jobs: {jobs}")
    )
    assert built.code == 1
    assert "9.1-product: they disagree" in built.log and "Traceback" not in built.log


def test_every_language_is_checked_and_judged_once(build) -> None:
    """Two passes over one plugin: the faults of both languages are told, with the claims judged once."""
    config = CONFIG.replace(
        "  - cnnsym: {jobs: 1}\n",
        "  - cnnsym: {jobs: 1}\n"
        "  - i18n: {docs_structure: folder, fallback_to_default: false, languages: [{locale: zh, name: 中文, default: true},"
        " {locale: en, name: English}]}\n",
    ).replace("{name: mkdocs}", "{name: material, language: zh}")
    counting = changed(
        DERIVATION,
        "def measure():\n",
        "def measure():\n    with open('count.txt', 'a') as file:\n        file.write('x')\n",
    )
    pages = {"zh/index": PAGE, "en/index": PAGE}
    built = build(page="", config=config, derivation=counting, **pages)
    (built.site.parent / "docs" / "index.md").unlink()
    built = build_again(built)
    assert built.code == 0, built.log
    assert built.page().find(id="9.1-product").select_one(".cnnsym-badge").get_text() == "已证明（所有尺寸）"
    assert built.page("en").find(id="9.1-product").select_one(".cnnsym-badge").get_text() == "Proved for all sizes"
    counted = built.site.parent / "count.txt"
    counted.unlink()
    assert build_again(built).code == 0
    assert counted.read_text() == "xxxx"

    wrong = changed(PAGE, r"= B^{\top} A^{\top} \label{9.1-product}", r"= B A^{\top} \label{9.1-product}")
    for language in ("zh", "en"):
        (built.site.parent / "docs" / language / "index.md").write_text(wrong, "utf-8")
    for options in (("--strict",), ("--strict", "-q")):
        again = build_again(built, *options)
        assert again.code == 1
        for language in ("zh", "en"):
            assert f"docs/{language}/index.md:10:13: 9.1-product: " in again.log, again.log


def build_again(built: Built, *options: str) -> Built:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", *(options or ("--strict",))],
        cwd=built.site.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return Built(done.returncode, done.stdout + done.stderr, built.site)
