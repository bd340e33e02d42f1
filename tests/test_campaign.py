"""Many claims: the order of the reports, the time limit, and what happens when a process dies."""

import time
from concurrent.futures import ThreadPoolExecutor
from textwrap import dedent

import pytest

from cnnsym.campaign import check_all, listing, time_limit
from cnnsym.collect import select
from cnnsym.errors import InternalError, LimitError
from cnnsym.verdict import Proved

SLOW = dedent(
    """
    import os
    import time

    import sympy as sp

    from cnnsym.claim import Claim, Derivation, Text
    from cnnsym.errors import InternalError

    def swallow():
        while True:
            try:
                time.sleep(0.05)
            except Exception:
                pass

    def disagree():
        raise InternalError("the deciders disagree")

    def numbers(what):
        return lambda: (what(), ())[1]

    BEHAVIOURS = {"quick": int, "slow": swallow, "dying": lambda: os._exit(3), "failing": lambda: 1 / 0, "broken": disagree}
    x = sp.Symbol("x")
    DERIVATION = Derivation(
        Text("", ""), "", tuple(Claim(f"{k}-{name}", "", Text("", ""), (x, x), numeric=numbers(BEHAVIOURS[name]))
                                for k, name in enumerate(NAMES))
    )
    """
)


@pytest.fixture
def selection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cnnsym.check.decide", lambda *equation: Proved())

    def select_all(*names):
        path = tmp_path / f"{'_'.join(names)}.py"
        path.write_text(f"NAMES = {names!r}\n{SLOW}", encoding="utf-8")
        return select(listing([path]), [])

    return select_all


def verdicts(reports):
    return [(report.id, *(row["verdict"] for row in report.rows)) for report in reports]


def test_a_claim_that_takes_too_long_is_unknown_and_the_next_is_judged(selection):
    start = time.monotonic()
    slow, quick = check_all(selection("slow", "quick"), seconds=0.3, jobs=1)
    assert time.monotonic() - start < 5
    assert verdicts([slow, quick]) == [("0-slow", "unknown"), ("1-quick", "proved")]
    assert "time limit" in slow.rows[0]["reason"] and not slow.ok


def test_what_fails_in_a_claim_is_an_error_of_that_claim(selection):
    failing, quick = check_all(selection("failing", "quick"), jobs=1)
    assert verdicts([failing, quick]) == [("0-failing", "error"), ("1-quick", "proved")]
    assert failing.rows[0]["reason"] == "ZeroDivisionError: division by zero"
    assert failing.faults[0].startswith("failing_quick.py:")


@pytest.mark.parametrize("jobs", [1, 2])
def test_deciders_that_disagree_stop_everything(selection, jobs):
    with pytest.raises(InternalError, match=r"broken_quick.py:\d+: 0-broken: the deciders disagree"):
        list(check_all(selection("broken", "quick"), jobs=jobs))


def test_any_executor_will_do_and_keeps_the_order(selection):
    with ThreadPoolExecutor(2) as executor:
        reports = list(check_all(selection("quick", "failing", "quick"), executor=executor))
    assert verdicts(reports) == [("0-quick", "proved"), ("1-failing", "error"), ("2-quick", "proved")]


def test_a_process_that_dies_takes_no_other_claim_with_it(selection):
    reports = list(check_all(selection("dying", "failing", "slow"), seconds=1.0, jobs=2))
    assert [report.rows[0]["reason"] for report in reports] == [
        "the process that checked it died",
        "ZeroDivisionError: division by zero",
        "time limit: no answer within 1 s",
    ]


def test_the_limit_is_not_stopped_by_a_broad_except():
    def stubborn():
        while True:
            try:
                time.sleep(10)
            except Exception:
                continue

    with pytest.raises(LimitError, match=r"within 0\.1 s"), time_limit(0.1):
        stubborn()


def test_other_errors_pass_through_the_limit():
    with pytest.raises(InternalError), time_limit(10):
        raise InternalError("as it is")
