"""A prior that grows infinitely strong: two weights become one, a layer becomes a convolution."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .drawing.axes import Axes, Axis
from .drawing.sheet import INK, Sheet, figure

PRECISIONS, WISHES = (1.0, 3.0), (0.0, 4.0)
OUTPUTS, TAPS = 4, 3
EXAMPLES = 40
STRENGTHS = np.logspace(-2, 4, 61)

TITLE = {"zh": "先验越来越强", "en": "A prior that grows stronger"}
ALT = {
    "zh": "两张图，横轴都是先验的强度 λ，对数刻度。左：两个权重从 {wish0} 和 {wish1} 出发，随 λ 增大汇到同一个值 "
    "{tied}。右：整层的估计离卷积有多远，即 c 的长度，双对数刻度；它始终在界 ‖d‖/λ 之下，λ 大时两条线重合，斜"
    "率为 −1。",
    "en": "Two plots over the strength λ of the prior, on a logarithmic scale. Left: two weights start from "
    "{wish0} and {wish1} and come together at {tied} as λ grows. Right, both axes logarithmic: how far the "
    "estimate of a layer is from a convolution, the length of c; it stays below the bound ‖d‖/λ, and for "
    "large λ both are one line of slope −1.",
}
CAPTION = {
    "zh": "两个权重取 *s* = ({s0}, {s1})、*a* = ({wish0}, {wish1})，汇到 {tied}。整层用 {examples} 个随机样本拟合（"
    "{outputs} 个输出，{taps} 个元素的核），画的是偏离卷积的部分 ‖*c*‖ 与界 ‖*d*‖/*λ*。每一点都是解方程得到的"
    "。",
    "en": "Two weights with *s* = ({s0}, {s1}) and *a* = ({wish0}, {wish1}) meet at {tied}. The layer is fitted "
    "to {examples} random examples, with {outputs} outputs and kernels of {taps} taps; shown are what "
    "deviates from a convolution, ‖*c*‖, and the bound ‖*d*‖/*λ*. Every point is the solution of its "
    "equations.",
}
_WORDS = {
    "zh": {
        "two": "两个权重",
        "layer": "一整层",
        "weight": "权重",
        "far": "离卷积多远",
        "bound": "界 ‖*d*‖/*λ*",
        "length": "‖*c*‖",
    },
    "en": {
        "two": "two weights",
        "layer": "a whole layer",
        "weight": "weight",
        "far": "distance from a convolution",
        "bound": "bound ‖*d*‖/*λ*",
        "length": "‖*c*‖",
    },
}


def weights(strength: float) -> NDArray[np.float64]:
    """The most probable values of the two weights: where both derivatives of the loss and of the prior add up to zero."""
    tie = strength / 2 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return np.linalg.solve(np.diag(PRECISIONS) + tie, np.array(PRECISIONS) * np.array(WISHES))


def problem() -> tuple[NDArray[np.float64], ...]:
    """`A`, `b` of least squares for a layer stacked by rows, and the bases `B`, `Q` of convolutions and of the rest."""
    rng = np.random.default_rng(4)
    inputs = OUTPUTS + TAPS - 1
    X, Y = rng.normal(size=(inputs, EXAMPLES)), rng.normal(size=(OUTPUTS, EXAMPLES))
    A, b = np.kron(np.eye(OUTPUTS), X @ X.T) / EXAMPLES, (Y @ X.T).ravel() / EXAMPLES
    taps = np.array([np.eye(OUTPUTS, inputs, k=a).ravel() for a in range(TAPS)]).T
    full = np.linalg.qr(taps, mode="complete").Q
    return A, b, full[:, :TAPS], full[:, TAPS:]


def deviation(strength: float) -> float:
    """The length of what deviates from a convolution in the most probable layer."""
    A, b, _, Q = problem()
    return float(np.linalg.norm(Q.T @ np.linalg.solve(A + strength * Q @ Q.T, b)))


def bound() -> float:
    """The length of `d`: the bound is this over the strength."""
    A, b, B, Q = problem()
    return float(np.linalg.norm(Q.T @ b - Q.T @ A @ B @ np.linalg.solve(B.T @ A @ B, B.T @ b)))


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    tied = float(weights(1e9).mean())
    found = {"s0": PRECISIONS[0], "s1": PRECISIONS[1], "wish0": WISHES[0], "wish1": WISHES[1], "tied": round(tied, 6)}
    return {name: f"{value:g}" for name, value in found.items()} | {
        "examples": EXAMPLES,
        "outputs": OUTPUTS,
        "taps": TAPS,
    }


def draw(lang: str) -> str:
    """Two plots over the same axis."""
    words = _WORDS[lang]
    powers = tuple((10.0**k, {-2: "0.01", 0: "1", 2: "100", 4: "10⁴"}[k]) for k in (-2, 0, 2, 4))
    strength = Axis(1e-2, 1e4, powers, logarithmic=True)
    left, right = Sheet(300, 274), Sheet(300, 274)
    axes = Axes(
        left, 34, 62, 284, 232, strength, Axis(-0.2, 4.2, tuple((v, f"{v:g}") for v in (0.0, 1.0, 2.0, 3.0, 4.0)))
    )
    left.text(159, 16, words["two"], anchor="middle", bold=True)
    axes.frame("*λ*", words["weight"])
    for k in range(2):
        axes.curve([(float(t), float(weights(t)[k])) for t in STRENGTHS], k)
        left.text(
            axes.place(1e-2, 0)[0] + 6,
            axes.place(1, WISHES[k])[1] + (18 if k else -7),
            f"*w*{'₁₂'[k]}",
            ink=INK[k],
            bold=True,
        )
    axes = Axes(
        right,
        48,
        62,
        288,
        232,
        strength,
        Axis(1e-5, 1e2, ((1e-4, "10⁻⁴"), (1e-2, "0.01"), (1.0, "1"), (1e2, "100")), logarithmic=True),
    )
    right.text(168, 16, words["layer"], anchor="middle", bold=True)
    axes.frame("*λ*", words["far"])
    limit = bound()
    axes.curve([(float(t), deviation(t)) for t in STRENGTHS], 0)
    axes.curve([(float(t), limit / t) for t in STRENGTHS if limit / t <= 1e2], 1)
    axes.key(168, 80, 0, words["length"])
    axes.key(168, 100, 1, words["bound"])
    return figure("prior-limit", TITLE[lang], ALT[lang].format(**numbers()), left, right)
