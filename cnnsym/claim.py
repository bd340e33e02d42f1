"""Claims: what a note states, the derivation that reaches it, the near misses that must fail, the numbers that must agree.

Everything here is data. A derivation module builds claims from the definitions of the layers; `cnnsym.check` judges them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from cnnsym.errors import ClaimError
from cnnsym.verdict import Verdict


class Text(NamedTuple):
    """One sentence in the two languages of the site."""

    zh: str
    en: str


def in_language(text: Text | str, lang: str) -> str:
    """The text in a language; a plain one, such as a formula, serves both."""
    return text if isinstance(text, str) else str(getattr(text, lang))


@dataclass(frozen=True)
class IndexForm:
    """Decide `left = right` by canonical index form."""


@dataclass(frozen=True)
class Trigonometric:
    """Decide `left = right` as trigonometric polynomials."""


@dataclass(frozen=True)
class Telescoping:
    """Decide that `right` is the closed form of the sum `left`, by induction on `variable`."""

    variable: Any


@dataclass(frozen=True)
class CosineSum:
    """Decide an equation with cosine sums of symbolic length in each of the `cases`, which must cover everything."""

    cases: tuple[Any, ...]


@dataclass(frozen=True)
class Integers:
    """Decide that `right`, a relation between integers, follows from `left`, an And of such relations."""


@dataclass(frozen=True)
class Entailment:
    """Decide that `right` follows from `left`, an And of relations and `ForAll`s, for all integers, reals and signals."""


@dataclass(frozen=True)
class Inequality:
    """Decide that `right`, a relation between real expressions with sums over index ranges, follows from `left`."""


@dataclass(frozen=True)
class Limit:
    """Decide that `left` tends to `right` as `variable` tends to `to`."""

    variable: Any
    to: Any


Method = IndexForm | Trigonometric | Telescoping | CosineSum | Integers | Entailment | Inequality | Limit


@dataclass(frozen=True)
class Schema:
    """What makes a claim usable as a lemma: it holds for every size `size`, and for all `indices` from 0 to `size - 1`."""

    size: Any
    indices: tuple[Any, ...]


@dataclass(frozen=True)
class Step:
    """One step of a derivation: `left = right`, by `rule`; judged on its own, so that a wrong step is located.

    `method` is the decider. `using` lists lemmas: ids of claims of the same module that have a `lemma` schema.
    """

    left: Any
    right: Any
    rule: Text
    source: str = ""
    method: Method = field(default_factory=IndexForm)
    using: tuple[str, ...] = ()


@dataclass(frozen=True)
class NearMiss:
    """A statement close to the claim that is false and must be refuted.

    `build` makes the two sides when it is judged: a near miss whose shapes cannot even be combined raises ShapeError there,
    and counts as refuted.
    """

    name: Text
    build: Callable[[], tuple[Any, Any]]
    assuming: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """One numeric comparison: what against what, at which shapes and type, with which seed; the largest relative error.

    `lhs` and `rhs` are the two values where they differ most, as text; `oracle` says what code computed them. Each is empty
    where that was not recorded.
    """

    what: Text | str
    shape: str
    dtype: str
    seed: int
    error: float
    tolerance: float
    lhs: str = ""
    rhs: str = ""
    oracle: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.error <= self.tolerance)  # False for NaN


@dataclass(frozen=True)
class Erratum:
    """Where the printed note is wrong or unclear: what it prints, what is meant, and why."""

    printed: Text | str
    corrected: Text | str
    explanation: Text
    kind: Literal["wrong", "unclear"] = "wrong"


@dataclass(frozen=True)
class Claim:
    """A statement with an id, as a chain of equal expressions, and everything needed to judge it.

    A chain of more than two members has links `ID.1`, `ID.2`, ...; every link is judged; `also` holds further chains of the
    same display, whose links are numbered on. `method` decides the links. A
    claim with a `lemma` schema may be used in others, which then depend on its proof. `abbreviations` are pairs (expression,
    symbol): reports write the symbol, and say what it stands for; nothing is judged on it. `expected` is "refuted" where the
    claim is a formula as printed that is wrong. `hypotheses` are SymPy predicates and lemmas given to the prover;
    `conditions` says in words what is assumed.
    """

    id: str
    section: str
    title: Text
    chain: tuple[Any, ...]
    steps: tuple[Step, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    numeric: Callable[[], tuple[Measurement, ...]] | None = None
    also: tuple[tuple[Any, ...], ...] = ()
    method: Method = field(default_factory=IndexForm)
    hypotheses: tuple[Any, ...] = ()
    using: tuple[str, ...] = ()
    lemma: Schema | None = None
    conditions: Text = Text("", "")
    abbreviations: tuple[tuple[Any, Any], ...] = ()
    expected: Literal["proved", "refuted"] = "proved"
    erratum: Erratum | None = None
    source: str = ""
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for chain in self.chains:
            if len(chain) < 2:
                raise ClaimError(f"claim {self.id}: expected a chain of at least two expressions, got {len(chain)}")

    @property
    def chains(self) -> tuple[tuple[Any, ...], ...]:
        return (self.chain, *self.also)

    def abbreviated(self, expression: Any) -> Any:
        """The expression as reports write it, the outermost abbreviations first."""
        for whole, symbol in self.abbreviations:
            expression = expression.xreplace({whole: symbol})
        return expression

    @property
    def stands_for(self) -> tuple[tuple[Any, Any], ...]:
        """`(symbol, expression)` for each abbreviation by its name, the shortest expression where there are several."""
        found: dict[str, tuple[Any, Any]] = {}
        for whole, symbol in self.abbreviations:
            known = found.get(str(symbol))
            if known is None or len(str(whole)) < len(str(known[1])):
                found[str(symbol)] = (symbol, whole)
        return tuple(found.values())

    @property
    def links(self) -> tuple[tuple[str, Any, Any], ...]:
        """`(id, left, right)` for each equality of the chain."""
        pairs = tuple(pair for chain in self.chains for pair in pairwise(chain))
        if len(pairs) == 1:
            return ((self.id, *pairs[0]),)
        return tuple((f"{self.id}.{k}", left, right) for k, (left, right) in enumerate(pairs, 1))


@dataclass(frozen=True)
class Experiment:
    """What was measured for a statement that no proof can settle; it never wears the badge of a proof.

    `results` names the JSON file beside the derivation that `command` writes anew: seeds, data, versions and numbers.
    `statement` is what the note says, `setup` what was done, `finding` what the numbers support and what they do not.
    """

    id: str
    section: str
    title: Text
    statement: Text
    setup: Text
    finding: Text
    results: str
    command: str
    source: str = ""
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Derivation:
    """The claims and experiments of one module of `derivations/`, and the declarations (checked-note format) of its formulas."""

    title: Text
    context: str
    claims: tuple[Claim, ...]
    experiments: tuple[Experiment, ...] = ()
    source: str = ""
    file: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for identifier in (*(c.id for c in self.claims), *(e.id for e in self.experiments)):
            if identifier in seen:
                raise ClaimError(f"{self.file or self.title.en}: the id {identifier} is used twice")
            seen.add(identifier)

    def claim(self, identifier: str) -> Claim:
        """The claim of that id; ClaimError if there is none."""
        for claim in self.claims:
            if claim.id == identifier:
                return claim
        raise ClaimError(f"{self.file or self.title.en}: no claim {identifier}")


@dataclass(frozen=True)
class LinkResult:
    """One equality of a claim, judged."""

    id: str
    left: Any
    right: Any
    verdict: Verdict
    expected: Literal["proved", "refuted"]
    milliseconds: float

    @property
    def ok(self) -> bool:
        return self.verdict.name == self.expected


@dataclass(frozen=True)
class StepResult:
    """One step of the derivation, judged."""

    step: Step
    verdict: Verdict

    @property
    def ok(self) -> bool:
        return self.verdict.name == "proved"


@dataclass(frozen=True)
class NearMissResult:
    """One near miss, judged; `left` and `right` are None where the shapes could not be combined."""

    near_miss: NearMiss
    left: Any
    right: Any
    verdict: Verdict

    @property
    def ok(self) -> bool:
        return self.verdict.name == "refuted"


@dataclass(frozen=True)
class ClaimResult:
    """Everything that was found out about one claim."""

    claim: Claim
    links: tuple[LinkResult, ...]
    steps: tuple[StepResult, ...]
    near_misses: tuple[NearMissResult, ...]
    measurements: tuple[Measurement, ...]
    milliseconds: float

    def as_written(self) -> ClaimResult:
        """The same result with the abbreviations of the claim, for reports."""
        short = self.claim.abbreviated
        return replace(
            self,
            links=tuple(replace(r, left=short(r.left), right=short(r.right)) for r in self.links),
            steps=tuple(
                replace(r, step=replace(r.step, left=short(r.step.left), right=short(r.step.right))) for r in self.steps
            ),
            near_misses=tuple(
                r if r.left is None else replace(r, left=short(r.left), right=short(r.right)) for r in self.near_misses
            ),
        )

    @property
    def ok(self) -> bool:
        """Every link as expected, every step proved, every near miss refuted, every measurement within its tolerance."""
        parts: tuple[Any, ...] = (*self.links, *self.steps, *self.near_misses, *self.measurements)
        return all(part.ok for part in parts)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is not as it should be, one line each."""
        found = [
            f"{r.id}: expected {r.expected}, found {r.verdict.name} ({r.verdict.reason})"
            for r in self.links
            if not r.ok
        ]
        found += [
            f"{self.claim.id}, step {k} ({r.step.rule.en}): {r.verdict.name} ({r.verdict.reason})"
            for k, r in enumerate(self.steps, 1)
            if not r.ok
        ]
        found += [
            f"{self.claim.id}, near miss '{r.near_miss.name.en}': expected refuted, found {r.verdict.name} ({r.verdict.reason})"
            for r in self.near_misses
            if not r.ok
        ]
        found += [
            f"{self.claim.id}, numeric check '{in_language(m.what, 'en')}' at {m.shape} {m.dtype}, seed {m.seed}: "
            f"error {m.error:.3g}, tolerance {m.tolerance:.3g}"
            for m in self.measurements
            if not m.ok
        ]
        return tuple(found)
