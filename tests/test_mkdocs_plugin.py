"""The MkDocs plugin: small sites are built, right ones and wrong ones; every kind of fault fails a strict build at its line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest
from bs4 import BeautifulSoup

import cnnsym

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


@pytest.fixture
def package_set_in_stone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of cnnsym for the builds, changed long ago: the source itself may be worked at while the tests run."""
    source = Path(cnnsym.__file__).parent
    shutil.copytree(source, tmp_path / "copy" / "cnnsym", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (tmp_path / "copy").rglob("*"):
        os.utime(file, (1e9, 1e9))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "copy"))


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
    counts, routes, coverage, claims = (
        [[cell.get_text() for cell in row.find_all("td")] for row in table.select("tbody tr")]
        for table in report.select(".cnnsym-table > table")
    )
    assert counts == [["Proved for all sizes", "3"], ["False as printed, corrected", "1"]]
    assert routes == [
        ["index form", "3", "4", "6/6", "3"], ["exact evaluation", "1", "1", "2/2", "1"], ["all", "4", "5", "8/8", "4"]
    ]  # fmt: skip
    rows = claims
    assert [row[0] for row in rows] == ["9.1-product", "9.1-action", "9.1-printed", "9.1-printed-corrected"]
    assert rows[0][3:] == ["Proved for all sizes", "all sizes", "index form", "1", "2/2", "1e-16"]
    assert report.find("a", string="9.1-product")["href"] == "../#9.1-product"
    assert coverage[0][:2] == ["9.1 A product", "4 results"]
    assert coverage[1] == ["9.2 The rest", "none", "Not checked yet"]
    document = json.loads((built.site / "report.json").read_text("utf-8"))
    assert document["summary"]["proved"] == 4 and document["summary"]["refuted"] == 1


def test_a_formula_leads_to_its_code_and_is_there_to_be_copied(build) -> None:
    built = build(graph="# Graph\n\n<!-- cnnsym: graph -->\n")
    assert built.code == 0, built.log
    page = built.page()
    assert page.find(id="9.1-product")["data-claims"] == "9.1-product"
    two = page.find(id="9.1-printed").find_parent(class_="cnnsym-claim")
    assert two["data-claims"] == "9.1-printed 9.1-printed-corrected"
    details = page.find(id="9.1-product").find("details")
    link = details.find("a", string="derivations/products.py, line 31")
    assert link["href"] == "code/derivations/products.html#L31"
    code = BeautifulSoup((built.site / "code" / "derivations" / "products.html").read_text("utf-8"), "html.parser")
    assert '"9.1-product"' in code.find(id="L31").get_text()
    assert "\n".join(line.get_text() for line in code.select("pre > span")) == DERIVATION.rstrip("\n")
    assert (built.site / "code" / "derivations" / code.nav.a["href"]).resolve() == built.site / "index.html"
    forms = {one["data-form"]: one.pre.get_text() for one in details.select(".cnnsym-copy")}
    assert forms["LaTeX"] == r"(AB)^{\top} = B^{\top} A^{\top}"
    assert 'A = cnnsym.matrix("A", n, n)' in forms["SymPy"] and "def side1(A, B):" in forms["NumPy"]
    assert not details.select_one(".cnnsym-tools").contents, "the buttons come from a script"
    marks = built.page("graph").select(".cnnsym-mark a")
    ids = ("9.1-product", "9.1-action", "9.1-printed", "9.1-printed-corrected")
    assert [mark["href"] for mark in marks] == [f"../#{identifier}" for identifier in ids]
    assert len(built.page("graph").select(".cnnsym-graph path.cnnsym-graph__corrects")) == 1


def test_a_page_in_one_language_only_fails_a_strict_build(build) -> None:
    config = CONFIG.replace(
        "  - cnnsym: {jobs: 1}\n",
        "  - cnnsym: {jobs: 1}\n"
        "  - i18n: {docs_structure: folder, fallback_to_default: false, languages: [{locale: zh, name: 中文, default: true},"
        " {locale: en, name: English}]}\n",
    ).replace("{name: mkdocs}", "{name: material, language: zh}")
    pages = {"zh/index": PAGE, "en/index": PAGE, "zh/lonely": "# Alone\n", "en/other": "# Alone too\n"}
    built = build("--no-strict", page="", config=config, **pages)
    (built.site.parent / "docs" / "index.md").unlink()
    built = build_again(built)
    assert built.code == 1
    assert "docs/zh/lonely.md: this page is missing in the language en: expected docs/en/lonely.md" in built.log
    assert "docs/en/other.md: this page is missing in the language zh: expected docs/zh/other.md" in built.log
    for name in ("zh/lonely", "en/other"):
        (built.site.parent / "docs" / f"{name}.md").unlink()
    assert build_again(built).code == 0


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
        "  - cnnsym: {jobs: 1, cache: false}\n"
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
    assert not (built.site.parent / ".cnnsym_cache").exists()
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


EXPERIMENT = changed(
    DERIVATION.replace("Derivation, Erratum,", "Derivation, Erratum, Experiment,"),
    """    ),
)
""",
    """    ),
    (
        Experiment(
            "9.2-measured", "9.2", Text("测得的", "What was measured"), Text("说法", "The note says so"),
            Text("做法", "What we did"), Text("发现", "What was <found>"), "results/9.2-measured.json", "python run.py",
        ),
    ),
)
""",
)
RESULTS = {
    "experiment": "9.2-measured",
    "command": "python run.py",
    "versions": {"python": "3.12"},
    "seeds": [1, 2],
    "data": "none",
    "metrics": {"m": {"zh": "数", "en": "number"}},
    "conditions": [{"name": {"zh": "甲", "en": "one"}, "values": {"m": [1, 3]}}],
}
EXPECTED = "expected report, errata, graph, counts, contents, showpiece ID or experiment ID"
MARKED = f"{PAGE}\n<!-- cnnsym: experiment 9.2-measured -->\n"


def test_experiments_errata_and_their_places(build, tmp_path) -> None:
    (tmp_path / "derivations" / "results").mkdir(parents=True)
    (tmp_path / "derivations" / "results" / "9.2-measured.json").write_text(json.dumps(RESULTS), "utf-8")
    statements = '- {id: 9.1-product, section: "9.1", kind: equation, origin: note, verdict: true}\n'
    statements += statements.replace("9.1-product", "9.1-missing") + statements.replace("9.1-product", "9.2-measured").replace(
        '"9.1"', '"9.2"'
    )
    (tmp_path / "derivations" / "statements.yaml").write_text(statements, "utf-8")
    pages = {"report": "# Report\n\n<!-- cnnsym: report -->\n", "errata": "# Errata\n\n<!-- cnnsym: errata -->\n"}
    built = build(page=MARKED, derivation=EXPERIMENT, **pages)
    assert built.code == 0, built.log
    block = built.page().find(id="9.2-measured")
    assert block.select_one(".cnnsym-badge--experiment") and "What was <found>" in block.get_text()
    assert block.find("a", string="9.2-measured.json")["href"] == "results/9.2-measured.json"
    assert json.loads((built.site / "results" / "9.2-measured.json").read_text("utf-8")) == RESULTS
    report = built.page("report")
    _, _, coverage, _, experiments = report.select(".cnnsym-table > table")
    assert [[c.get_text() for c in row.find_all("td")][1] for row in coverage.select("tbody tr")] == ["1/2", "1/1", "2/3"]
    assert experiments.find("a", string="9.2-measured")["href"] == "../#9.2-measured"
    assert ["Experiment", "1"] in [[c.get_text() for c in row.find_all("td")] for row in report.select(".cnnsym-table tr")]
    page = built.page("errata")
    assert [head.get_text() for head in page.find_all("h3")] == ["9.1 Title & more"]
    assert "the order is reversed" in page.dl.get_text() and "n = 2" in page.dl.get_text()
    links = [a["href"] for a in page.dl.find_all("a")]
    assert links == ["../#9.1-printed", "../#9.1-printed-corrected"]
    document = json.loads((built.site / "report.json").read_text("utf-8"))
    assert document["summary"]["measured"] == 1


@pytest.mark.parametrize(
    ("page", "results", "expected"),
    [
        (PAGE, RESULTS, "derivations/products.py:46: 9.2-measured: no page in the language en shows this experiment"),
        (MARKED, {**RESULTS, "seeds": [1]}, "derivations/products.py:46: 9.2-measured: derivations/results/9.2-measured.json: "),
        (MARKED, None, "no results there; this command writes them: python run.py"),
        (f"{MARKED}\n<!-- cnnsym: experiment 9.2-measured -->\n", RESULTS, "index.md:34: 9.2-measured: this experiment is"),
        (f"{MARKED}\n<!-- cnnsym: experiment 9.2-x -->\n", RESULTS, "index.md:34: no experiment '9.2-x'; there are 9.2-measured"),
        (f"{MARKED}\n<!-- cnnsym: erata -->\n", RESULTS, f"docs/index.md:34: {EXPECTED}, found 'erata'"),
        (f"{MARKED}\n<!-- cnnsym: report me -->\n", RESULTS, f"docs/index.md:34: {EXPECTED}, found 'report me'"),
    ],
)
def test_what_is_wrong_with_an_experiment_fails_a_strict_build(build, tmp_path, page: str, results, expected: str) -> None:
    if results is not None:
        (tmp_path / "derivations" / "results").mkdir(parents=True)
        (tmp_path / "derivations" / "results" / "9.2-measured.json").write_text(json.dumps(results), "utf-8")
    built = build("--strict", "-q", page=page, derivation=EXPERIMENT)
    assert built.code == 1 and expected in built.log, built.log


OPENING = """# Opening

<!-- cnnsym: showpiece {} -->

<!-- cnnsym: counts -->

<!-- cnnsym: contents -->
"""


def test_an_opening_page_shows_what_was_found_elsewhere(build) -> None:
    built = build(page=PAGE, opening=OPENING.format("9.1-product"))
    assert built.code == 0, built.log
    page = built.page("opening")
    piece = page.select_one(".cnnsym-showpiece")
    assert piece.select_one(".cnnsym-badge--proved") and piece.a["href"] == "../#9.1-product"
    assert piece.select_one(".arithmatex").get_text() == r"\[(AB)^{\top} = B^{\top} A^{\top}\]"
    numbers = {one.dt.get_text(): one.dd.get_text() for one in page.select(".cnnsym-counts dl > div")}
    assert numbers["statements proved"] == "3" and numbers["false as printed, corrected"] == "1"
    assert numbers["equalities and statements"] == "5" and numbers["near misses refuted"] == "8 of 8"
    rows = [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in page.select(".cnnsym-contents tbody tr")]
    assert rows == [["9.1", "A product", "3", "1", "–"]]


@pytest.mark.parametrize("name", ["9.1-printed", "9.1-nowhere", ""])  # the first shares its display with another label
def test_a_showpiece_without_a_formula_of_its_own_fails_a_strict_build(build, name: str) -> None:
    built = build(page=PAGE, opening=OPENING.format(name))
    assert built.code != 0
    assert f"docs/opening.md:3: no formula has the label {name!r} alone" in built.log


def test_a_showpiece_is_not_proved_where_its_page_is_wrong(build) -> None:
    wrong = changed(PAGE, r"A^{\top} \label{9.1-product}", r"A \label{9.1-product}")
    built = build("--no-strict", page=wrong, opening=OPENING.format("9.1-product"))
    badges = built.page("opening").select(".cnnsym-showpiece .cnnsym-badge")
    assert [badge["class"][1] for badge in badges] == ["cnnsym-badge--unchecked"]


def test_markers_in_code_stay_what_they_are(build) -> None:
    built = build(page=f"{PAGE}\n```\n<!-- cnnsym: experiment none -->\n```\n\n<!-- cnnsym: skip because of -->\n")
    assert built.code == 0, built.log
    assert any("<!-- cnnsym: experiment none -->" in pre.get_text() for pre in built.page().select("pre"))


def test_a_list_of_statements_that_is_not_one_stops_the_build(build, tmp_path) -> None:
    (tmp_path / "derivations").mkdir()
    (tmp_path / "derivations" / "statements.yaml").write_text("3", "utf-8")
    built = build("--quiet")
    assert built.code == 1 and "statements.yaml: expected a list of statements" in built.log


def test_a_second_build_judges_nothing_and_says_so(build, package_set_in_stone) -> None:
    first = build(report="# R\n\n<!-- cnnsym: report -->\n")
    assert first.code == 0, first.log
    blocks, report = first.page().select(".cnnsym-claim"), first.page("report").get_text()
    assert "earlier run" not in report
    again = build_again(first)
    assert again.code == 0 and again.page().select(".cnnsym-claim") == blocks
    assert "Judged in an earlier run on the very same sources, and not again: 4 claims." in again.page("report").get_text()
    for kept in (first.site.parent / ".cnnsym_cache").glob("*.jsonl"):
        kept.write_text("damaged", "utf-8")
    third = build_again(first)
    assert third.code == 0, "a damaged cache fails no strict build"
    assert third.log.count("it is damaged or no file of this cache; it is ignored") == 1
    assert third.page().select(".cnnsym-claim") == blocks
