"""What the figures show, computed a second time without the layers that drew it, and read back from the drawings."""

from __future__ import annotations

import base64
import io
import itertools
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"


def words(sheet: ET.Element) -> list[str]:
    """What is written on a sheet, in the order of drawing."""
    return ["".join(text.itertext()) for text in sheet.iter(f"{SVG}text")]


def written(sheet: ET.Element) -> list[int]:
    """The whole numbers among the words."""
    found = [word.replace("−", "-") for word in words(sheet)]
    return [int(word) for word in found if word.lstrip("-").isdigit()]


def pictures(sheet: ET.Element) -> list[np.ndarray]:
    """The shades, 0 to 15, of the pictures on a sheet."""
    data = [image.get("href").partition(",")[2] for image in sheet.iter(f"{SVG}image")]
    opened = [Image.open(io.BytesIO(base64.b64decode(one))) for one in data]
    return [np.asarray(image.convert("L")) // 17 for image in opened]


def test_padding_visits(sheets) -> None:
    n, k = 7, 3
    for sheet, p in zip(sheets("padding_visits"), (0, 1, 2), strict=True):
        starts = [start for start in range(-p, n + p) if start + k - 1 < n + p]
        once = [sum(start <= j < start + k for start in starts) for j in range(n)]
        assert written(sheet) == [a * b for a, b in itertools.product(once, once)]
        assert f"output {len(starts)}×{len(starts)}" in words(sheet)


def test_dct_basis(figure, sheets) -> None:
    basis, shown = sheets("dct_basis")
    i, j = np.mgrid[:8, :8]
    for (h, w), shades in zip(itertools.product(range(8), range(8)), pictures(basis), strict=True):
        expected = np.cos(math.pi * h / 8 * (i + 0.5)) * np.cos(math.pi * w / 8 * (j + 0.5))
        assert np.allclose(figure("dct_basis").basis(h, w), expected)
        assert np.abs(shades - (expected + 1) / 2 * 15).max() <= 0.5 + 1e-6
    original, mean, _, whole = pictures(shown)
    assert (original == whole).all()
    assert len(np.unique(mean)) == 1
    image = figure("dct_basis").picture()
    assert np.allclose(figure("dct_basis").kept(1), image.mean())
    assert np.allclose(figure("dct_basis").kept(8), image)
    assert not np.allclose(figure("dct_basis").kept(4), image)
    assert figure("dct_basis").numbers()["mean"] == f"{image.mean():.3g}"


def test_receptive_field(figure, sheets) -> None:
    (sheet,) = sheets("receptive_field")
    told = words(sheet)
    r, j = 1, 1
    assert "r = 1, j = 1" in told
    for stride in (1, 2, 1):
        r, j = r + 2 * j, j * stride
        assert f"r = {r}, j = {j}" in told
    # The inputs, found by walking down from the output in the middle.
    solid = [circle.get("fill") == "var(--cnnsym-ink-1)" for circle in sheet.iter(f"{SVG}circle")]
    rows = [15, 13, 6, 4]
    assert len(solid) == sum(rows)
    reached = {2}
    marked = solid[15 + 13 + 6 :]
    assert {e for e, one in enumerate(marked) if one} == reached
    for layer, stride in ((2, 1), (1, 2), (0, 1)):
        reached = {stride * u + a for u in reached for a in range(3)}
        first = sum(rows[:layer])
        assert {e for e, one in enumerate(solid[first : first + rows[layer]]) if one} == reached
    assert len(reached) == r == figure("receptive_field").fields()[-1]


def test_stride_phases(figure, sheets) -> None:
    (sheet,) = sheets("stride_phases")
    signal = [0, 0, 0, 1, 4, 2, 0, 0, 0, 0, 0, 0, 0]
    expected = []
    for t in (0, 1, 2):
        x = signal[len(signal) - t :] + signal[: len(signal) - t]
        whole = [x[n] + x[n + 1] for n in range(len(x) - 1)]
        expected += [*whole, *whole[::2]]
    assert written(sheet) == expected
    told = words(sheet)
    assert told.count("other numbers") == 1 and told.count("the same, moved by 1") == 1
    assert figure("stride_phases").moved(1) is None
    assert figure("stride_phases").moved(2) == 1


def test_im2col(sheets) -> None:
    (sheet,) = sheets("im2col")
    image = [[4 * i + j for j in range(4)] for i in range(4)]
    corners = list(itertools.product(range(3), range(3)))
    taps = [(0, 0), (0, 1), (1, 0), (1, 1)]
    Z = [[image[u + a][v + b] for u, v in corners] for a, b in taps]
    kernel = [1, 1, 0, -1]
    outputs = [sum(w * row[q] for w, row in zip(kernel, Z, strict=True)) for q in range(9)]
    assert written(sheet) == [*itertools.chain(*image, *Z), *kernel, *outputs]
    circles = list(sheet.iter(f"{SVG}circle"))
    assert len(circles) == 1 + sum(row.count(5) for row in Z)


def test_flatten_gap(figure, sheets) -> None:
    flat, pooled = sheets("flatten_gap")
    x = figure("flatten_gap").maps()[0]
    assert len(np.unique(x)) > 3
    assert (x == np.rint(x)).all()
    shifted = np.stack([np.roll(channel, (1, 1), (0, 1)) for channel in x])
    changed = sum(int(a != b) for a, b in zip(x.ravel(), shifted.ravel(), strict=True))
    assert words(flat)[1:] == [f"{x.size} numbers", f"{2 * x.size} weights", f"changed by a shift: {changed}"]
    assert words(pooled)[1:] == [f"{len(x)} numbers", f"{2 * len(x)} weights", "changed by a shift: 0"]
    for sheet, numbers in ((flat, x.size), (pooled, len(x))):
        lines = [line for line in sheet.iter(f"{SVG}line") if line.get("stroke") == "var(--cnnsym-ink-2)"]
        assert len(lines) == 2 * numbers


def test_equivariance(figure, sheets) -> None:
    x = figure("equivariance").photograph()
    assert x.shape == (48, 48) and x.std() > 30

    def output(image: np.ndarray, stride: int) -> np.ndarray:
        kernel = [(a, b, w) for a, row in enumerate([(1, 0, -1), (2, 0, -2), (1, 0, -1)]) for b, w in enumerate(row)]
        whole = sum(w * np.roll(image, (1 - a, 1 - b), (0, 1)) for a, b, w in kernel)
        return whole[::stride, ::stride]

    for sheet, stride, shift in zip(sheets("equivariance"), (1, 2), (12, 1), strict=True):
        before, after = output(x, stride), output(np.roll(x, shift, 1), stride)
        moves = itertools.product(range(len(before)), repeat=2)
        least = int(min(np.abs(after - np.roll(before, move, (0, 1))).max() for move in moves))
        assert (least == 0) == (stride == 1)
        assert f"difference: at most {least}" in words(sheet)
        assert figure("equivariance").numbers()[f"most{stride}"] == np.abs(after).max()
        first, _, moved, _, difference = pictures(sheet)
        assert (np.roll(first, shift, 1) == moved).all()
        assert (len(np.unique(difference)) == 1) == (stride == 1)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_frequency_response(figure, n: int) -> None:
    theta = np.linspace(0.05, math.pi, 40)
    response = figure("frequency_response").response
    assert np.allclose(response("average", n, theta), np.sin(n * theta / 2) / (n * np.sin(theta / 2)))
    assert np.allclose(response("blur", n, theta), np.cos(theta / 2) ** n)
    assert np.allclose(response("average", n, np.zeros(1)), 1)


def test_frequency_response_is_drawn(figure, sheets) -> None:
    """The curves as they stand on the sheets, scaled back by the marks of the axes."""
    for sheet, law in zip(sheets("frequency_response"), (_dirichlet, _binomial), strict=True):
        curves = [line for line in sheet.iter(f"{SVG}polyline") if len(line.get("points").split()) > 2]
        for curve, n in zip(
            curves, figure("frequency_response").WINDOWS if law is _dirichlet else (1, 2, 4), strict=True
        ):
            for point in curve.get("points").split():
                x, y = map(float, point.split(","))
                theta = (x - 44) / (292 - 44) * math.pi
                assert abs((232 - y) / (232 - 62) * 1.4 - 0.4 - law(n, theta)) < 0.01


def _dirichlet(n: int, theta: float) -> float:
    return math.sin(n * theta / 2) / (n * math.sin(theta / 2)) if theta else 1.0


def _binomial(n: int, theta: float) -> float:
    return math.cos(theta / 2) ** n


@pytest.mark.parametrize("strength", [0.01, 1.0, 30.0, 1e4])
def test_prior_limit(figure, strength: float) -> None:
    module = figure("prior_limit")
    (s1, s2), (a1, a2), half = (1, 3), (0, 4), strength / 2
    below, common = s1 * s2 + half * (s1 + s2), half * (s1 * a1 + s2 * a2)
    expected = [(s1 * s2 * a1 + common) / below, (s1 * s2 * a2 + common) / below]
    assert np.allclose(module.weights(strength), expected)
    assert module.numbers()["tied"] == "3"

    A, b, B, Q = module.problem()
    basis = np.hstack([B, Q])
    assert np.allclose(basis.T @ basis, np.eye(len(b)))
    for column in B.T:  # every one is a convolution: shifted rows
        C = column.reshape(4, 6)
        assert np.allclose(C[1:, 1:], C[:-1, :-1])
    # Descent on the cost, from nothing, ends at the weights whose deviation is drawn.
    w, step = np.zeros(len(b)), 1 / (np.linalg.norm(A, 2) + strength)
    if strength <= 1:
        for _ in range(4000):
            w -= step * (A @ w - b + strength * Q @ (Q.T @ w))
        assert math.isclose(module.deviation(strength), float(np.linalg.norm(Q.T @ w)), rel_tol=1e-6)
    assert module.deviation(strength) <= module.bound() / strength
    if strength == 1e4:
        assert module.deviation(strength) * strength > 0.99 * module.bound()


def test_gradient_flow(sheets) -> None:
    x = [[1, 3, 2, 0], [4, 2, 5, 7], [0, 6, 9, 1], [8, 5, 2, 3]]
    g = [[4, 8], [12, 16]]
    drawn = [_placed(sheet) for sheet in sheets("gradient_flow")]
    assert drawn[0] == x
    assert drawn[1] == [[g[i // 2][j // 2] // 4 for j in range(4)] for i in range(4)]
    assert drawn[2] == _to_largest(x, g, 2, 2)
    assert drawn[3] == _to_largest(x, g, 3, 1)
    assert drawn[4] == [[1] * 4] * 4
    assert drawn[5] == _to_largest(x, [[16]], 4, 1)
    assert [sum(map(sum, one)) for one in drawn[1:]] == [40, 40, 40, 16, 16]


def _to_largest(x: list[list[int]], g: list[list[int]], k: int, stride: int) -> list[list[int]]:
    found = [[0] * 4 for _ in range(4)]
    for (u, row), v in itertools.product(enumerate(g), range(len(g[0]))):
        window = itertools.product(range(stride * u, stride * u + k), range(stride * v, stride * v + k))
        i, j = max(window, key=lambda place: x[place[0]][place[1]])
        found[i][j] += row[v]
    return found


def _placed(sheet: ET.Element) -> list[list[int]]:
    """The numbers by the places of their cells, 24 units wide; an empty cell is a zero."""
    found = [[0] * 4 for _ in range(4)]
    for text in sheet.iter(f"{SVG}text"):
        if text.text and text.text.isdigit():
            found[int((float(text.get("y")) - 42) // 24)][int((float(text.get("x")) - 1) // 24)] = int(text.text)
    return found


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("backward_linear", ["3×1", "3×5", "5×1", "3×1", "5×1", "5×3", "3×1", "3×5", "3×1", "1×5", "3×1", "3×1"]),
        (
            "backward_convolution",
            ["3×4", "4×6", "3×6", "3×4", "4×6", "3×4", "3×6", "6×4", "4×6", "4×3", "3×6", "4×6", "3×4"],
        ),
    ],
)
def test_shapes_of_the_backward_pass(sheets, name: str, sizes: list[str]) -> None:
    (sheet,) = sheets(name)
    assert [word for word in words(sheet) if "×" in word] == sizes
    # A block has as many cells as its size says: its edges, and the lines between cells.
    lattices = [path.get("d") for path in sheet.iter(f"{SVG}path")]
    assert [f"{d.count('h') - 1}×{d.count('v') - 1}" for d in lattices] == sizes


def test_convolution_matrix(figure, sheets) -> None:
    whole, strided = sheets("convolution_matrix")

    def entries(stride: int) -> list[int]:
        found = []
        for u, v in itertools.product(range(0, 4, stride), repeat=2):
            for i, j in itertools.product(range(4), repeat=2):
                a, b = i - u + 1, j - v + 1
                found += [3 * a + b + 1] if 0 <= a < 3 and 0 <= b < 3 else []
        return found

    assert written(whole) == entries(1)
    assert written(strided) == [*range(1, 10), *entries(2)]
    assert figure("convolution_matrix").kept() == [4 * u + v for u in (0, 2) for v in (0, 2)]
    A = figure("convolution_matrix").matrix(1).reshape(4, 4, 4, 4)  # (u, v, i, j)
    for block in A.transpose(0, 2, 1, 3).reshape(16, 4, 4):
        assert (block[1:, 1:] == block[:-1, :-1]).all()
    assert (A[1:, :, 1:] == A[:-1, :, :-1]).all()
    numbers = figure("convolution_matrix").numbers()
    assert (numbers["nonzero"], numbers["total"], numbers["taps"]) == (len(entries(1)), 256, 9)


def test_connections(figure, sheets) -> None:
    m, k = 7, 3
    n = m - k + 1
    expected = ((m * n, m * n), (k * n, k * n), (k * n, k))
    for sheet, (lines, weights) in zip(sheets("connections"), expected, strict=True):
        assert words(sheet)[1:] == [f"{lines} connections", f"{weights} weights"]
        assert len(list(sheet.iter(f"{SVG}line"))) == lines
    looks = {(line.get("stroke"), line.get("stroke-dasharray")) for line in sheet.iter(f"{SVG}line")}
    assert len(looks) == k
    assert len({dash for _, dash in looks}) == k  # told apart without colours
    numbers = figure("connections").numbers()
    assert [numbers[f"{kind}_wide"] for kind in ("fc", "local", "conv")] == ["998,000", "2,994", "3"]
