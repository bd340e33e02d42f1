"""What all tests share: reproducible examples, `--no-skips`, and a small folder of derivations to try the front ends on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import settings

from cnnsym.verdict import Counterexample, Proved, Refuted, Verdict

pytest_plugins = ["pytester"]

settings.register_profile("reproducible", derandomize=True, deadline=None, print_blob=False)
settings.load_profile("reproducible")

SAMPLE = dedent(
    '''
    """Two claims about a product, one of them with an erratum."""

    import cnnsym.atoms as atoms
    from cnnsym.claim import Claim, Derivation, Erratum, Measurement, NearMiss, Step, Text
    from cnnsym.sizes import dims

    n = dims("n")
    A, B = atoms.matrix("A", n, n), atoms.matrix("B", n, n)
    NAMES = {"9.1-lemma": "9.1-product"}


    def measure():
        return (Measurement("numpy", "3 x 3", "float64", 0, 1e-16, 1e-12),)


    product = Claim(
        "9.1-product",
        "9.1",
        Text("乘积的转置", "The transpose of a product"),
        ((A * B).T, B.T * A.T, B.T * A.T),
        steps=(Step((A * B).T, B.T * A.T, Text("转置反序", "a transpose reverses the order"), source="textbook"),),
        near_misses=(
            NearMiss(Text("次序未变", "order kept"), lambda: ((A * B).T, A.T * B.T)),
            NearMiss(Text("形状不配", "shapes disagree"), lambda: (atoms.diag(atoms.matrix("C", 2, 3)), A)),
        ),
        numeric=measure,
        conditions=Text("方阵", "square matrices"),
    )

    DERIVATION = Derivation(
        Text("示例", "Sample"),
        "let n : size",
        (
            product,
            Claim(
                id="9.2-erratum",
                section="9.2",
                title=Text("印错的式子", "A misprint"),
                chain=((A * B).T, A.T * B.T),
                expected="refuted",
                erratum=Erratum("(AB)'=A'B'", "(AB)'=B'A'", Text("次序相反", "the order is reversed")),
            ),
        ),
    )
    '''
).lstrip()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="A skipped test fails: in CI, nothing may go unchecked.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    return _unless_allowed(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[Any]:
    report = yield
    return _unless_allowed(report, collector.config)


def _unless_allowed(report: Any, config: pytest.Config) -> Any:
    if config.getoption("--no-skips", default=False) and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, which --no-skips forbids: {report.longrepr}"
    return report


def same_when_done(left: Any, right: Any, assuming: tuple[Any, ...] = ()) -> Verdict:
    """A prover for the sample: it is the front ends that are tested with it, not proofs."""
    if left.doit() == right.doit():
        return Proved(assumed=("n >= 1",))
    return Refuted(Counterexample({"n": 2}, {"A": (("0", "1"), ("0", "0"))}, "1", "0", place=(1, 2)))


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with `derivations/sample.py`; claims in it are judged by `same_when_done`."""
    (tmp_path / "derivations").mkdir()
    path = tmp_path / "derivations" / "sample.py"
    path.write_text(SAMPLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnnsym.check.decide", lambda method, *equation: same_when_done(*equation))
    return path

