"""The script's arithmetic against the reference layers, at many parameters."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from cnnsym.reference import avg_pool2d, conv1d, conv2d, dct2d, max_pool2d
from cnnsym.reference.windows import lay


def integers(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.integers(-9, 10, shape).astype(float)


def test_the_number_of_windows_and_what_they_read(compute) -> None:
    cases = list(itertools.product(range(1, 8), range(1, 5), (1, 2, 3), range(4), (1, 2, 3)))
    counts = compute([("count", list(case)) for case in cases])
    visits = compute([("visits", list(case)) for case in cases])
    fitting = 0
    for (n, k, s, p, d), count, visited in zip(cases, counts, visits, strict=True):
        try:
            windows = lay((1, n), (1, k), (1, s), (0, p), (1, d))
        except ValueError:
            assert count == 0 and visited == [0] * n, (n, k, s, p, d)
            continue
        fitting += 1
        assert count == windows.count[1], (n, k, s, p, d)
        read = windows.add(np.ones((1, 1, 1, k, 1, count)))[0, 0, 0]
        assert visited == read.tolist(), (n, k, s, p, d)
    assert 300 < fitting < len(cases)


def test_a_window_that_does_not_fit_gives_no_output(compute) -> None:
    x, W = [[1.0] * 6] * 6, [[1.0] * 3] * 3
    # Dilation 3 makes the kernel 7 wide: one zero on each side is enough, none is not.
    assert compute([("correlate", [x, W, 1, 0, 3]), ("correlate", [x, W, 3, 0, 3])]) == [[], []]
    with pytest.raises(ValueError, match="at least as large as a window"):
        conv2d.forward(np.ones((1, 1, 6, 6)), np.ones((1, 1, 3, 3)), dilation=3)
    [[first, *_], *_] = compute([("correlate", [x, W, 1, 1, 3])])[0]
    assert first == conv2d.forward(np.ones((1, 1, 6, 6)), np.ones((1, 1, 3, 3)), padding=1, dilation=3)[0, 0, 0, 0]


def test_correlation_and_its_products(compute) -> None:
    random = np.random.default_rng(1)
    cases, calls, expected = [], [], []
    while len(cases) < 80:
        n, k, s, p, d = (int(random.integers(low, high)) for low, high in ((1, 8), (1, 4), (1, 4), (0, 3), (1, 4)))
        if n + 2 * p < d * (k - 1) + 1:
            continue
        cases.append((n, k, s, p, d))
        x, W = integers(random, n, n), integers(random, k, k)
        calls.append(("correlate", [x.tolist(), W.tolist(), s, p, d]))
        expected.append(conv2d.forward(x[None, None], W[None, None], stride=s, padding=p, dilation=d)[0, 0])
    for case, ours, theirs in zip(cases, compute(calls), expected, strict=True):
        assert ours == theirs.tolist(), case
    patches = compute(
        [("patch", [*call[1][:1], case[1], *case[2:], 0, 0]) for case, call in zip(cases, calls, strict=True)]
    )
    products = compute([("product", [call[1][1], patch]) for call, patch in zip(calls, patches, strict=True)])
    for theirs, product in zip(expected, products, strict=True):
        assert sum(map(sum, product)) == theirs[0, 0]


# --- shifts ---


def line(x: np.ndarray, k: np.ndarray, s: int, circle: bool) -> np.ndarray:
    reach = len(k) // 2
    padded = np.pad(x, reach, mode="wrap" if circle else "constant")
    return conv1d.forward(padded[None, None], k[None, None], stride=s)[0, 0]


def moved(x: np.ndarray, t: int, circle: bool) -> np.ndarray:
    return np.array([x[(e - t) % len(x)] if circle or 0 <= e - t < len(x) else 0.0 for e in range(len(x))])


def shifts(random: np.random.Generator) -> list[tuple]:
    inputs = [(integers(random, 12), integers(random, 3)) for _ in range(4)]
    return [(x, k, s, c, t) for x, k in inputs for s in (1, 2, 3) for c in (False, True) for t in range(-6, 7)]


def test_shifts_of_a_line(compute) -> None:
    cases = shifts(np.random.default_rng(2))
    ours = compute([("correlateLine", [moved(x, t, c).tolist(), k.tolist(), s, c]) for x, k, s, c, t in cases])
    shifted = compute([("shift", [x.tolist(), t, c]) for x, _, _, c, t in cases])
    for (x, k, s, c, t), y, own in zip(cases, ours, shifted, strict=True):
        assert own == moved(x, t, c).tolist()
        assert y == line(moved(x, t, c), k, s, c).tolist()


def test_multiples_of_the_stride_commute_where_that_is_promised(compute) -> None:
    cases = [case for case in shifts(np.random.default_rng(3)) if case[4] % case[2] == 0]
    taus = compute([("companion", [x.tolist(), k.tolist(), s, c, t]) for x, k, s, c, t in cases])
    promises = compute([("promised", [n, 12, 12 // s, 1, s, t, c]) for _, _, s, c, t in cases for n in range(12 // s)])
    kept = broken = 0
    for (x, k, s, c, t), tau in zip(cases, taus, strict=True):
        assert tau == t // s
        y = moved(line(x, k, s, c), tau, c)
        z = line(moved(x, t, c), k, s, c)
        assert len(y) == 12 // s
        safe, promises = promises[: len(y)], promises[len(y) :]
        assert all(safe) or not c
        assert (y == z)[safe].all(), (s, c, t)
        kept += sum(safe)
        broken += int((y != z).sum())
    assert kept > 500  # promises were put to the test,
    assert broken > 50  # and at the border they would have been wrong


def test_other_shifts_are_promised_nothing_and_get_the_closest_companion(compute) -> None:
    cases = [case for case in shifts(np.random.default_rng(4)) if case[4] % case[2]]
    taus = compute([("companion", [x.tolist(), k.tolist(), s, c, t]) for x, k, s, c, t in cases])
    assert not any(
        compute([("promised", [n, 12, 6, 1, 2, t, c]) for n in range(6) for t in (-1, 1, 3) for c in (True, False)])
    )
    for (x, k, s, c, t), tau in zip(cases, taus, strict=True):
        y, z = line(x, k, s, c), line(moved(x, t, c), k, s, c)
        misses = {other: int((moved(y, other, c) != z).sum()) for other in range(-len(y) + 1, len(y))}
        assert misses[tau] == min(misses.values()), (s, c, t)
        assert abs(tau) == min(abs(other) for other in misses if misses[other] == misses[tau])


# --- orders of values ---


def test_unchanged_maxima_among_all_orders(compute) -> None:
    cases = [(p, t) for p in (2, 3, 4) for t in range(p + 1) if p + t < 8]
    for (p, t), found in zip(cases, compute([("unchangedOrders", [p, t]) for p, t in cases]), strict=True):
        orders = np.array(list(itertools.permutations(range(p + t))), float)
        pooled = max_pool2d.forward(orders[:, None, None, :], (1, p), stride=1)[:, 0, 0]
        same = pooled[:, 0] == pooled[:, t]
        assert found == [int((same & (orders[:, place] == p + t - 1)).sum()) for place in range(p + t)]
        assert sum(found) * (p + t) == math.factorial(p + t) * (p - t)
    # The largest case that the page offers, by the formula alone: 8! orders are many for NumPy.
    assert compute([("unchangedOrders", [4, 4])]) == [[0] * 8]


def test_fractions_in_lowest_terms(compute) -> None:
    pairs = [(12, 8), (24, 12), (5040, 720), (7, 0), (1, 1)]
    assert compute([("divisor", list(pair)) for pair in pairs]) == [math.gcd(*pair) for pair in pairs]
    assert compute([("factorial", [n]) for n in range(9)]) == [math.factorial(n) for n in range(9)]


# --- gradients ---


def gradients(random: np.random.Generator) -> list[tuple]:
    """Images with many ties, windows with and without remainder, overlapping or not."""
    found = []
    for n, k, s in itertools.product((3, 5, 6, 7), (2, 3), (1, 2, 3)):
        P = (n - k) // s + 1
        found.append(
            (random.integers(0, 3, (n, n)).astype(float), integers(random, k, k), integers(random, P, P), k, s)
        )
    return found


def routed(compute, layer: str, cases: list[tuple]) -> list[list]:
    calls = [
        (f"routes.{layer}", [x.tolist(), W.tolist() if layer == "convolution" else k, s, g.tolist(), u, v])
        for x, W, g, k, s in cases
        for u, v in np.ndindex(g.shape)
    ]
    parts = iter(compute(calls))
    every = [[part for _ in np.ndindex(g.shape) for part in next(parts)] for _, _, g, _, _ in cases]
    return compute([("gather", [case[0].tolist(), own]) for case, own in zip(cases, every, strict=True)])


def test_average_pooling_shares(compute) -> None:
    cases = gradients(np.random.default_rng(5))
    for (x, _, g, k, s), ours in zip(cases, routed(compute, "average", cases), strict=True):
        theirs = avg_pool2d.backward(g[None, None], x.shape, k, stride=s)[0, 0]
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_max_pooling_selects_the_first_of_the_largest(compute) -> None:
    cases = gradients(np.random.default_rng(6))
    for (x, _, g, k, s), ours in zip(cases, routed(compute, "maximum", cases), strict=True):
        assert ours == max_pool2d.backward(g[None, None], x[None, None], k, stride=s)[0, 0].tolist()
    ties = compute([("largest", [x.tolist(), k, s, 0, 0]) for x, _, _, k, s in cases])
    assert any(len(pixels) > 1 for pixels in ties)
    for (x, _, _, k, _), pixels in zip(cases, ties, strict=True):
        assert pixels == np.argwhere(x[:k, :k] == x[:k, :k].max()).tolist()


def test_a_convolution_spreads_by_its_kernel_both_ways(compute) -> None:
    cases = gradients(np.random.default_rng(7))
    spread = compute([("bySpreading", [g.tolist(), W.tolist(), s, len(x)]) for x, W, g, _, s in cases])
    for (x, W, g, k, s), ours, other in zip(cases, routed(compute, "convolution", cases), spread, strict=True):
        theirs = conv2d.backward(g[None, None], x[None, None], W[None, None], stride=s)[0][0, 0].tolist()
        assert ours == theirs and other == theirs, (len(x), k, s)


def test_zeros_between_neighbours(compute) -> None:
    assert compute([("spread", [[[1, 2], [3, 4]], 2]), ("spread", [[[1, 2], [3, 4]], 1])]) == [
        [[1, 0, 2], [0, 0, 0], [3, 0, 4]],
        [[1, 2], [3, 4]],
    ]


# --- cosine transform ---


def test_cosine_transform(compute) -> None:
    random = np.random.default_rng(8)
    for n in (1, 2, 5, 8):
        x = integers(random, n, n)
        f = np.array(compute([("coefficients", [x.tolist()])])[0])
        np.testing.assert_allclose(f, dct2d.forward(x), atol=1e-11)
        order = compute([("zigzag", [n])])[0]
        assert sorted(map(tuple, order)) == sorted(np.ndindex(n, n))
        assert [sum(pair) for pair in order] == sorted(sum(pair) for pair in order)
        # Neighbours in the order are neighbours in the table.
        assert all(max(abs(a - c), abs(b - d)) == 1 for (a, b), (c, d) in itertools.pairwise(order))
        pairs = list(np.ndindex(n, n))
        for (h, w), basis in zip(pairs, compute([("basis", [h, w, n]) for h, w in pairs]), strict=True):
            one = np.zeros((n, n))
            one[h, w] = 1
            np.testing.assert_allclose(basis, dct2d.backward(one), atol=1e-12)


def test_reconstruction(compute) -> None:
    random = np.random.default_rng(9)
    x = integers(random, 8, 8)
    f = dct2d.forward(x)
    order = compute([("zigzag", [8])])[0]
    for kept in (0, 1, 10, 63, 64):
        mask = np.zeros((8, 8))
        for h, w in order[:kept]:
            mask[h, w] = 1
        ours, printed = compute([("rebuild", [f.tolist(), order[:kept], wrong]) for wrong in (False, True)])
        np.testing.assert_allclose(ours, dct2d.inverse(f * mask), atol=1e-12)
        np.testing.assert_allclose(printed, dct2d.backward(f * mask), atol=1e-10)
        assert np.allclose(ours, x, atol=1e-12) == (kept == 64)
        assert not np.allclose(printed, x, atol=0.1)
