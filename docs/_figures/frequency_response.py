"""How much of each frequency average pooling and blur pooling let through."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import avg_pool2d, blur_pool2d

from .drawing.axes import Axes, Axis, marks
from .drawing.sheet import Sheet, figure

WINDOWS = (2, 3, 5)
ORDERS = (1, 2, 4)
SAMPLES = 97
_LINE = 15  # pixels of the line that holds the impulse

TITLE = {"zh": "平均池化与模糊池化的频率响应", "en": "Frequency responses of average pooling and blur pooling"}
ALT = {
    "zh": "两张图，横轴是从 0 到 π 的频率 θ，纵轴是波的振幅所乘的因子，θ = 0 处都是 1。左：窗口 {windows} 的平均池"
    "化，曲线过零并有旁瓣，窗口 {odd} 在 θ = π 处是 {end}。右：{orders} 遍两点平均的模糊池化，曲线平稳下降，"
    "在 θ = π 处都是 0。",
    "en": "Two plots over the frequency θ from 0 to π of the factor that a wave is multiplied by; it is 1 at θ = "
    "0. Left: average pooling with windows of {windows}; the curves cross zero and have side lobes, and for "
    "the window of {odd} the factor at π is {end}. Right: blur pooling, {orders} passes of averaging two "
    "neighbours; the curves fall steadily and end at 0.",
}
CAPTION = {
    "zh": "频率为 *θ* 的波所乘的因子，由各层对一个冲激的响应算出。平均池化有零点，也有旁瓣；窗口 {odd} 在 *θ* = π "
    "处还留下 {end}。模糊池化没有旁瓣，最高的频率完全消失。",
    "en": "The factor by which a wave of frequency *θ* is multiplied, computed from what each layer does to an "
    "impulse. Average pooling has zeros and side lobes; a window of {odd} still leaves {end} at *θ* = π. "
    "Blur pooling has no side lobes, and the highest frequency is gone.",
}
_WORDS = {
    "zh": {"average": "平均池化", "blur": "模糊池化", "window": "窗口 {p}", "order": "{r} 遍", "factor": "因子"},
    "en": {
        "average": "average pooling",
        "blur": "blur pooling",
        "window": "window {p}",
        "order": "{r} passes",
        "one": "1 pass",
        "factor": "factor",
    },
}


def response(layer: str, n: int, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The factor at the frequencies `theta`, of average pooling with windows of `n` or of `n` passes of blurring.

    The kernel is what the layer makes of an impulse. It is symmetric, so its response is real about its centre.
    """
    x = np.zeros((1, 1, 1, _LINE))
    x[..., _LINE // 2] = 1
    if layer == "average":
        y = avg_pool2d.forward(x, (1, n), stride=1)[0, 0, 0]
    else:
        # In the other direction the line is one pixel high: on a circle of one pixel the weights add up to 1.
        y = blur_pool2d.forward(x, n, stride=1, padding="circular")[0, 0, 0]
    taps = np.flatnonzero(y)
    centre = (taps[0] + taps[-1]) / 2
    return np.array([math.fsum(y[a] * math.cos(t * (a - centre)) for a in taps) for t in theta])


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    odd = max(p for p in WINDOWS if p % 2)
    end = float(response("average", odd, np.array([math.pi]))[0])
    return {
        "windows": ", ".join(map(str, WINDOWS)),
        "orders": ", ".join(map(str, ORDERS)),
        "odd": odd,
        "end": f"{end:.3g}",
    }


def draw(lang: str) -> str:
    """A sheet for each kind of pooling, with the same axes."""
    theta, words, sheets = np.linspace(0, math.pi, SAMPLES), _WORDS[lang], []
    quarters = ((0.0, "0"), (math.pi / 2, "π/2"), (math.pi, "π"))
    for layer, sizes, name in (("average", WINDOWS, "window"), ("blur", ORDERS, "order")):
        sheet = Sheet(300, 274)
        axes = Axes(sheet, 44, 62, 292, 232, Axis(0, math.pi, quarters), Axis(-0.4, 1, marks(0, 0.5, 1)))
        sheet.text(168, 16, words[layer], anchor="middle", bold=True)
        axes.frame("*θ*", words["factor"])
        zero = axes.place(0, 0)[1]
        sheet.line(44, zero, 292, zero, opacity=0.6)
        for k, n in enumerate(sizes):
            factors = response(layer, n, theta)
            axes.curve([(float(t), float(f)) for t, f in zip(theta, factors, strict=True)], k)
            told = words["one"] if n == 1 and name == "order" and "one" in words else words[name].format(p=n, r=n)
            axes.key(188, 76 + 20 * k, k, told)
        sheets.append(sheet)
    return figure("frequency-response", TITLE[lang], ALT[lang].format(**numbers()), *sheets)
