"""Facts about the claims: every display of a section has one, none is left without near misses, both languages agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnsym.claim import Claim
from cnnsym.collect import Collected, collect
from cnnsym.pages import displays

ROOT = Path(__file__).resolve().parents[1]
COLLECTED: tuple[Collected, ...] = tuple(collect([ROOT / "derivations"]))
CLAIMS: dict[str, Claim] = {claim.id: claim for one in COLLECTED for claim in one.derivation.claims}
every_claim = pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)

# The numbered statements of the printed note that are covered, by section.
REQUIRED = {
    "5.1": """5.1-model 5.1-chain-row 5.1-chain-expand 5.1-chain-final 5.1-grad-column 5.1-vec 5.1-vec-grad-1
        5.1-vec-grad-2 5.1-matrix-grad 5.1-bias-grad-missing 5.1-layer-index""",
    "3.3": "3.3-eq1-dct 3.3-eq1-range 3.3-eq2-idct 3.3-eq2-B 3.3-gap-f00 3.3-eq2-line3 3.3-basis-expansion",
}


@pytest.mark.parametrize("identifier", " ".join(REQUIRED.values()).split())
def test_every_statement_of_the_note_has_its_claim(identifier: str) -> None:
    assert identifier in CLAIMS


def test_ids_are_unique_over_all_modules() -> None:
    assert len(CLAIMS) == sum(len(one.derivation.claims) for one in COLLECTED)


@every_claim
def test_an_id_begins_with_its_section(claim: Claim) -> None:
    section = claim.section.split()[0].removesuffix("s") if claim.section == "layers" else claim.section
    # "5.2c" is what the note leaves out of 5.2; "ext" and "layer" go beyond it.
    assert claim.id.startswith((section + "-", section + "c-"))
    assert re.fullmatch(r"([0-9.]+c?|ext|layer)-[a-zA-Z0-9-]+", claim.id)


@every_claim
def test_a_claim_is_told_in_both_languages(claim: Claim) -> None:
    texts = [claim.title, *(step.rule for step in claim.steps), *(near.name for near in claim.near_misses)]
    texts += [claim.erratum.explanation] if claim.erratum else []
    for text in texts:
        assert text.zh.strip() and text.en.strip()
        assert re.search(r"[\u4e00-\u9fff]", text.zh) or text.zh == text.en
        assert not re.search(r"[\u4e00-\u9fff]", text.en)


@every_claim
def test_a_claim_has_near_misses_or_is_one(claim: Claim) -> None:
    assert claim.near_misses or claim.expected == "refuted"


@every_claim
def test_what_is_expected_to_fail_is_an_erratum(claim: Claim) -> None:
    # Beyond the note there is nothing printed to correct: a widespread belief may be refuted there.
    assert claim.expected == "proved" or claim.erratum is not None or claim.section == "ext"


@every_claim
def test_something_is_left_to_prove(claim: Claim) -> None:
    """SymPy evaluates cos(0) and the like when an expression is built; then both sides might be one expression."""
    assert any(left != right for _, left, right in claim.links)
    assert all(step.left != step.right for step in claim.steps)


def _labels(language: str) -> set[str]:
    pages = sorted((ROOT / "docs" / language).glob("*.md"))
    return {label for page in pages for d in displays(page.read_text(encoding="utf-8")) for label in d.labels}


def test_both_languages_label_the_same_formulas() -> None:
    assert _labels("en") == _labels("zh")
    assert _labels("en") <= set(CLAIMS)
