"""Claims judged once more, and formulas in their place: what was changed is judged as it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnsym.collect import collect, load
from cnnsym.errors import ClaimError
from cnnsym.pages import displays
from cnnsym.recheck import LONGEST, outcome, recheck, recheck_formula

ROOT = Path(__file__).resolve().parents[1]
MODEL = r"\boldsymbol{s}_{i} = W_i\boldsymbol{z}_i+\boldsymbol{b}_i,\quad \boldsymbol{z}_{i+1} = f(\boldsymbol{s}_i)"


@pytest.fixture(scope="module")
def layers():
    return load(ROOT / "derivations" / "fully_connected.py")


@pytest.fixture(scope="module")
def shown():
    """The LaTeX of the pages, by label."""
    texts = [page.read_text("utf-8") for page in sorted((ROOT / "docs" / "zh").rglob("*.md"))]
    return {label: one.latex for text in texts for one in displays(text) for label in one.labels}


def judge(collected, identifier, latex, lang="en"):
    return list(recheck_formula(collected, identifier, latex, lang))


def test_a_claim_is_judged_in_all_its_parts(layers, shown):
    found = list(recheck(layers, "5.1-model", "en", shown["5.1-model"]))
    assert [one["part"] for one in found] == ["link", "link", "page", "step", "step", "near miss", "near miss"]
    assert all(one["ok"] for one in found)
    assert [one["verdict"] for one in found] == ["proved"] * 5 + ["refuted"] * 2
    assert all("left side" in one["text"] for one in found[-2:])
    assert outcome(found) == "proved"
    json.dumps(found)  # plain data


def test_what_the_page_shows_is_held_against_the_derivation(layers):
    wrong = r"\boldsymbol{s}_{i} = W_i\boldsymbol{z}_i-\boldsymbol{b}_i,\quad \boldsymbol{z}_{i+1} = f(\boldsymbol{s}_i)"
    (page,) = (f for f in recheck(layers, "5.1-model", "en", wrong + r" \label{5.1-model}") if f["part"] == "page")
    assert page["verdict"] == "refuted" and not page["ok"]
    (page,) = (f for f in recheck(layers, "5.1-model", "en", MODEL) if f["part"] == "page")  # without its label
    assert page["verdict"] == "error" and not page["ok"]


def test_what_is_expected_to_be_refuted_is_as_it_should_be():
    padding = load(ROOT / "derivations" / "dct.py")
    claim = next(claim for claim in padding.derivation.claims if claim.expected == "refuted")
    first = next(iter(recheck(padding, claim.id, "en")))
    assert first["verdict"] == first["expected"] == "refuted" and first["ok"] and first["text"]


def test_the_unchanged_formula_is_proved_link_by_link(layers):
    found = judge(layers, "5.1-model", MODEL)
    assert [(one["id"], one["verdict"]) for one in found] == [("5.1-model.1", "proved"), ("5.1-model.2", "proved")]
    assert found[0]["scope"] == "all sizes" and found[0]["method"] == "index form"


def test_a_changed_formula_is_refuted_with_a_counterexample(layers):
    first, second = judge(layers, "5.1-model", MODEL.replace("+\\bold", "-\\bold"))
    assert first["verdict"] == "refuted" and "left side 1, right side -1" in first["text"]
    assert second["verdict"] == "proved"  # each on its own
    assert outcome([first, second]) == "refuted"
    assert "左边" in judge(layers, "5.1-model", MODEL.replace("+\\bold", "-\\bold"), "zh")[0]["text"]


def test_a_true_formula_that_was_not_derived_is_proved_too(layers):
    (found,) = judge(layers, "5.1-model", r"\boldsymbol{s}_i - \boldsymbol{b}_i = W_i \boldsymbol{z}_i")
    assert found["verdict"] == "proved"


@pytest.mark.parametrize(
    ("latex", "line", "column", "message"),
    [
        (r"\boldsymbol{s}_i = W_i +", 1, 25, "expected an expression, got the end of the formula"),
        ("W_i =\n Q", 2, 2, "unknown symbol Q"),
        (r"W_i \frac{1", 1, 10, ""),
        ("W_i", 0, 0, "states nothing"),
        ("  ", 1, 1, "got nothing"),
        ("W_i = W_i" + " " * LONGEST, 0, 0, f"at most {LONGEST} characters"),
        (r"\boldsymbol{s}_i = W_i \boldsymbol{z}_i \text{ nearly}", 1, 41, ""),
        (r"\boldsymbol{s}_i = \underbrace{W_i \boldsymbol{z}_i + \boldsymbol{b}_i}_{W_i}", 0, 0, "brace"),
        ("__import__('os').system('true') = 1", 1, 1, ""),
        ("(" * 1500 + "W_i" + ")" * 1500 + " = W_i", 1, 501, ""),
    ],
)
def test_what_cannot_be_read_is_located(layers, latex, line, column, message):
    (found,) = judge(layers, "5.1-model", latex)
    assert found["verdict"] == "error" and not found["ok"]
    assert message in found["text"]
    assert (found["line"], found["column"]) == (line, column)
    if line and latex.strip():
        assert found["text"].splitlines()[-1].strip() == "^"


def test_rows_are_judged_by_the_claims_of_their_labels(layers, shown):
    latex = shown["5.1-chain-row"]
    assert r"\label{5.1-chain-final}" in latex
    for name in ("5.1-chain-row", "5.1-chain-expand", "5.1-chain-final"):
        assert [one["verdict"] for one in judge(layers, name, latex)] == ["proved"]
    wrong = latex.replace(r"\mathrm{diag}\{f^{\prime}(", r"\mathrm{diag}\{f(")
    assert wrong != latex
    assert [one["verdict"] for one in judge(layers, "5.1-chain-row", wrong)] == ["proved"]
    assert [one["verdict"] for one in judge(layers, "5.1-chain-final", wrong)] == ["refuted"]


def test_a_row_that_lost_its_label_is_an_error(layers, shown):
    bare = shown["5.1-chain-row"].replace(r"\label{5.1-chain-expand}", "")
    (found,) = judge(layers, "5.1-chain-row", bare)
    assert found["verdict"] == "error" and "label" in found["text"]


def test_relations_follow_from_the_hypotheses_of_their_claim(shown):
    """Integers: weaker than what was proved is proved, what does not follow is refuted or undecided, never proved."""
    one = load(ROOT / "derivations" / "receptive_field.py")
    claim = next(c for c in one.derivation.claims if type(c.method).__name__ == "Integers" and c.id in shown)
    assert outcome(judge(one, claim.id, shown[claim.id])) == "proved"
    (found,) = judge(one, claim.id, "1 = 2")
    assert found["verdict"] in ("error", "refuted")


def test_equalities_are_no_inequalities(layers):
    (found,) = judge(layers, "5.1-layer-index", "n_i < d_i")
    assert found["verdict"] == "error" and "expected =" in found["text"]


def test_an_unknown_claim_is_an_error(layers):
    with pytest.raises(ClaimError, match="no claim 9.9-none"):
        list(recheck(layers, "9.9-none", "en"))
    with pytest.raises(ClaimError, match="no claim 9.9-none"):
        judge(layers, "9.9-none", "x = y")


def test_nothing_found_is_no_proof():
    assert outcome([]) == "error"


@pytest.mark.parametrize("name", ["5.2c-relu-subgradient", "2.1-cost-ratio"])
def test_relations_in_a_row_are_one_statement(shown, name):
    one = next(c for c in collect([ROOT / "derivations"]) if any(claim.id == name for claim in c.derivation.claims))
    found = judge(one, name, shown[name])
    assert [f["verdict"] for f in found] == ["proved"] * len(one.derivation.claim(name).links)
