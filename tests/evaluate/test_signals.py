"""Signals on zero, circular and infinite grids: entries, statements about convolution, derivatives by entries."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cnnsym.atoms import Signal, signal
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.evaluate import evaluate_at, find_counterexample
from cnnsym.sizes import dims

N, M, K, L, C, D, H, W, s, d = dims("N M K L C D H W s d")
a, b, c, j, m, n, t, tau = sp.symbols("a b c j m n t tau", integer=True)
zero, circular, infinite = signal("x", N), signal("x", N, grid="circular"), signal("x", sp.oo)
h, g = signal("h", K), signal("g", L)
mixed = signal("z", N, sp.oo, M, grid=("circular", "infinite", "zero"))


def conv(x: Any, place: Any) -> Any:
    return sp.Sum(h[a] * x[place - a], (a, 0, K - 1))


def corr(x: Any, place: Any) -> Any:
    return sp.Sum(h[a] * x[place + a], (a, 0, K - 1))


@given(values=st.lists(st.integers(-9, 9), min_size=1, max_size=5), k=st.integers(-12, 12))
def test_entries_outside_the_range_are_zero_or_repeat(values: list[int], k: int) -> None:
    size = len(values)
    inside = values[k] if 0 <= k < size else 0
    assert evaluate_at(zero[k], {N: size}, {"x": values}) == inside
    assert evaluate_at(circular[k], {N: size}, {"x": values}) == values[k % size]
    assert evaluate_at(infinite[k], {}, {f"x[{k}]": inside}) == inside


def test_each_axis_has_its_own_grid() -> None:
    def at(i: int, k: int, l: int) -> Any:
        return evaluate_at(mixed[i, k, l], {N: 3, M: 2}, {"z[1, -5, 0]": 7})

    assert at(1, -5, 0) == at(4, -5, 0) == at(-2, -5, 0) == 7
    assert at(1, -5, 2) == at(1, -5, -1) == 0
    assert at(0, 2, 1) == at(3, 2, 1)


@given(
    values=st.lists(st.integers(-5, 5), min_size=1, max_size=6),
    taps=st.lists(st.integers(-5, 5), min_size=1, max_size=4),
    stride=st.integers(1, 3),
    place=st.integers(-4, 8),
)
def test_convolutions_agree_with_numpy(values: list[int], taps: list[int], stride: int, place: int) -> None:
    given_ = {"x": values, "h": taps, "n": place}
    sizes = {N: len(values), K: len(taps), s: stride}
    full = np.convolve(values, taps)
    expected = full[place] if 0 <= place < len(full) else 0
    assert evaluate_at(conv(zero, n), sizes, given_) == expected
    around = sum(tap * np.roll(values, -k)[place * stride % len(values)] for k, tap in enumerate(taps))
    assert evaluate_at(corr(circular, s * n), sizes, given_) == around


def test_an_infinite_signal_is_the_same_whenever_it_is_asked() -> None:
    first = [evaluate_at(infinite[k], seed=3) for k in range(-20, 20)]
    assert first == [evaluate_at(infinite[k], seed=3) for k in range(-20, 20)]
    assert len(set(first)) > 4
    assert first != [evaluate_at(infinite[k], seed=4) for k in range(-20, 20)]
    with pytest.raises(ShapeError, match="by name"):
        evaluate_at(infinite[0], {}, {"x": [1, 2]})
    with pytest.raises(UnsupportedError, match="without|Infinity"):
        evaluate_at(sp.Sum(infinite[n], (n, 0, sp.oo)))


TRUE: list[tuple[str, Any, Any, tuple[Any, ...]]] = [
    ("correlation is convolution with the reversed kernel", conv(zero, n),
     sp.Sum(h[K - 1 - a] * zero[n - (K - 1) + a], (a, 0, K - 1)), ()),
    ("convolution commutes", sp.Sum(h[a] * g[n - a], (a, 0, K - 1)), sp.Sum(g[b] * h[n - b], (b, 0, L - 1)), ()),
    ("shift on the infinite grid", conv(Signal("x", (sp.oo,), ("infinite",)), n - t), sp.Sum(
        h[a] * infinite[n - t - a], (a, 0, K - 1)), ()),
    ("shift on the circular grid", corr(circular, n + N - t), corr(circular, n - t), ()),
    ("a circular shift as a sum", circular[n - t],
     sp.Sum(circular[a] * sp.KroneckerDelta(sp.Mod(n - t - a, N), 0), (a, 0, N - 1)), ()),
    ("a whole period", sp.Sum(circular[n - t], (n, 0, N - 1)), sp.Sum(circular[n], (n, 0, N - 1)), ()),
    ("stride, multiple shift", corr(circular, s * n - t), corr(circular, s * (n - tau)), (sp.Eq(t, s * tau),)),
    ("strided output repeats", corr(circular, s * (n + N / s)), corr(circular, s * n), (sp.Eq(sp.Mod(N, s), 0),)),
    ("channels and infinite axes", mixed[n + N, t, 0], mixed[n, t, 0], ()),
]  # fmt: skip
FALSE: list[tuple[str, Any, Any, tuple[Any, ...]]] = [
    ("missing flip", conv(zero, n), corr(zero, n), ()),
    ("missing flip, infinite", conv(infinite, n), corr(infinite, n), ()),
    ("reversed without the offset", conv(zero, n), sp.Sum(h[K - 1 - a] * zero[n - K + a], (a, 0, K - 1)), ()),
    ("shift off by one", conv(infinite, n - t), sp.Sum(h[a] * infinite[n - t - a - 1], (a, 0, K - 1)), ()),
    ("zero padding is no circular shift", zero[n - t],
     sp.Sum(zero[a] * sp.KroneckerDelta(sp.Mod(n - t - a, N), 0), (a, 0, N - 1)), ()),
    ("zero padding loses entries", sp.Sum(zero[n - t], (n, 0, N - 1)), sp.Sum(zero[n], (n, 0, N - 1)), ()),
    ("same shift through a stride", corr(circular, s * n - t), corr(circular, s * (n - t)), (sp.Eq(sp.Mod(N, s), 0),)),
    ("shift that is no multiple", corr(circular, s * n - t), corr(circular, s * (n - sp.floor(t / s))),
     (sp.Eq(sp.Mod(N, s), 0), sp.Ne(sp.Mod(t, s), 0))),
    ("period too short", circular[n + N - 1], circular[n], ()),
    ("the wrong axis repeats", mixed[n, t + N, 0], mixed[n, t, 0], ()),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "rhs", "given_"), [law[1:] for law in TRUE], ids=[law[0] for law in TRUE])
def test_what_holds_on_a_grid_is_not_refuted(lhs: Any, rhs: Any, given_: Any) -> None:
    found = find_counterexample(lhs, rhs, given_, budget=20)
    assert found.counterexample is None, found.counterexample
    assert len(found.agreed) >= 3 and not found.enclosed


@pytest.mark.parametrize(("lhs", "rhs", "given_"), [miss[1:] for miss in FALSE], ids=[miss[0] for miss in FALSE])
def test_a_near_miss_on_a_grid_is_refuted_and_can_be_redone(lhs: Any, rhs: Any, given_: Any) -> None:
    example = find_counterexample(lhs, rhs, given_, budget=20).counterexample
    assert example is not None
    redone = [str(evaluate_at(side, example.sizes, example.values)) for side in (lhs, rhs)]
    assert redone == [example.lhs, example.rhs]
    assert example.lhs != example.rhs
    for condition in given_:
        assert evaluate_at(condition, example.sizes, example.values) == sp.true


def test_one_name_is_one_signal() -> None:
    with pytest.raises(UnsupportedError, match="called x"):
        find_counterexample(zero[n], circular[n])


def test_of_an_infinite_signal_the_entries_that_were_used_are_shown() -> None:
    example = find_counterexample(infinite[n], infinite[n - 1]).counterexample
    assert example is not None
    assert example.values == {"n": "0", "x[0]": "0", "x[-1]": "1"} or example.values == {
        "n": "0", "x[0]": "1", "x[-1]": "0"
    }  # fmt: skip
    circle = find_counterexample(circular[n], circular[n - 1]).counterexample
    assert circle is not None and circle.values["x"] in (("0", "1"), ("1", "0"))


DERIVATIVES: list[tuple[str, Any, Any, bool]] = [
    ("circular", sp.Derivative(corr(circular, n), circular[j]),
     sp.Sum(h[a] * sp.KroneckerDelta(sp.Mod(n + a - j, N), 0), (a, 0, K - 1)), True),
    ("circular, as if there were no wrapping", sp.Derivative(corr(circular, n), circular[j]), h[j - n], False),
    ("infinite", sp.Derivative(corr(infinite, n), infinite[j]), h[j - n], True),
    ("infinite, the wrong way round", sp.Derivative(corr(infinite, n), infinite[j]), h[n - j], False),
    ("by the kernel", sp.Derivative(corr(infinite, n), h[b]), infinite[n + b] * sp.Piecewise(
        (1, sp.And(b >= 0, b < K)), (0, True)), True),
    ("a square", sp.Derivative(infinite[n] ** 2, infinite[j]), 2 * infinite[j] * sp.KroneckerDelta(n, j), True),
    ("twice", sp.Derivative(circular[n] ** 3, circular[j], circular[j]), 6 * circular[n] * sp.KroneckerDelta(
        sp.Mod(n - j, N), 0), True),
    ("mixed axes", sp.Derivative(mixed[n, t, 0], mixed[j, t, 0]), sp.KroneckerDelta(sp.Mod(n - j, N), 0), True),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "rhs", "holds"), [e[1:] for e in DERIVATIVES], ids=[e[0] for e in DERIVATIVES])
def test_derivatives_by_an_entry_move_its_residue_class(lhs: Any, rhs: Any, holds: bool) -> None:
    found = find_counterexample(lhs, rhs, budget=20)
    assert (found.counterexample is None) is holds, found.counterexample
    assert bool(found.agreed) or not holds


def test_an_entry_that_is_zero_by_definition_moves_nothing() -> None:
    expr = sp.Derivative(sp.Sum(zero[n] ** 2, (n, -5, 5)), zero[j])
    values = {"x": [3, 4]}
    assert [evaluate_at(expr, {N: 2}, {**values, "j": k}) for k in (-1, 0, 1, 2)] == [0, 6, 8, 0]


image, kernel = signal("x", C, H, W), signal("k", D, C, K, L)
o = sp.Idx("o", D)


def image_conv(flip: bool, kernel_flip: bool) -> Any:
    i, l = (K - 1 - a, L - 1 - b) if flip else (a, b)
    p, q = (K - 1 - a, L - 1 - b) if kernel_flip else (a, b)
    return sp.Sum(kernel[o, c, p, q] * image[c, n + i, m + l], (c, 0, C - 1), (a, 0, K - 1), (b, 0, L - 1))


def test_convolution_of_images_with_channels_takes_little_time() -> None:
    find_counterexample(image_conv(False, False), image_conv(False, False))  # SymPy's caches
    start = time.process_time()
    found = find_counterexample(image_conv(False, False), image_conv(True, True))
    refuted = find_counterexample(image_conv(False, False), image_conv(True, False))
    assert time.process_time() - start < 2  # a fraction of it on an idle machine
    assert found.counterexample is None and len(found.agreed) > 20
    assert any(sizes["C"] >= 2 and sizes["K"] >= 2 and sizes["H"] != sizes["W"] for sizes in found.agreed)
    assert refuted.counterexample is not None
    assert sum(refuted.counterexample.sizes.values()) <= 8
