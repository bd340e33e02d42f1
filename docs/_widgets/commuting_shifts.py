"""Shift then convolve, or convolve then shift: where both agree, for stride, border, kernel and shift of one's choice."""

from __future__ import annotations

import numpy as np
from cnnsym_widgets.panel import cells, choice, frame, legend, reference, slider

from cnnsym.reference import conv1d

SIGNAL = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8)
KERNELS = {"smooth": (1, 2, 1), "difference": (-1, 0, 1), "uneven": (2, 1, 0)}

WORDS = {
    "zh": {
        "title": "哪些平移可以交换",
        "hint": "选择步幅、边界和核，再移动滑块；输出的格子与步幅一样宽。",
        "stride": "步幅 s",
        "border": "边界",
        "zeros": "补零",
        "circle": "首尾相接",
        "kernel": "核",
        "smooth": "(1, 2, 1)",
        "difference": "(−1, 0, 1)",
        "uneven": "(2, 1, 0)",
        "shift": "平移 t",
        "x": "输入 x",
        "tx": "平移后的输入 T x",
        "y": "先卷积：f(x)",
        "moved": "先平移 {t} 格，再卷积：f(T x)",
        "after": "先卷积，再把输出平移 {tau} 格",
        "marks": "比较",
        "legend": "=：相等；≠：不等；虚线格：定理不作保证。",
        "all": "t = {t} 是步幅 {s} 的倍数：{P} 个输出处处相等，次序可以交换。",
        "border_differs": "t = {t} 是步幅 {s} 的倍数：{safe} 个有保证的输出都相等；{differ} 个输出不等，都在边界处。",
        "border_equal": "t = {t} 是步幅 {s} 的倍数：{safe} 个有保证的输出都相等；其余的这一次也恰好相等。",
        "between": "t = {t} 不是步幅 {s} 的倍数：没有哪个输出平移与之对应；最接近的是移动 {tau} 格，仍有 {differ} 个输出不等。",
        "between_equal": "t = {t} 不是步幅 {s} 的倍数，但对这个输入，输出移动 {tau} 格后恰好处处相等；对别的输入则不然。",
        "rule": "已证明：步幅的倍数总可以交换（{multiples}）；在无限长的直线上，非零的有限核只与这些平移可交换（{only}）；"
        "补零时，等式只在窗口整个落在图像内的地方有保证（{border}）。",
    },
    "en": {
        "title": "Which shifts commute",
        "hint": "Choose stride, border and kernel, then move the slider. A cell of the output is as wide as the stride.",
        "stride": "Stride s",
        "border": "Border",
        "zeros": "zeros",
        "circle": "ends meet",
        "kernel": "Kernel",
        "smooth": "(1, 2, 1)",
        "difference": "(−1, 0, 1)",
        "uneven": "(2, 1, 0)",
        "shift": "Shift t",
        "x": "Input x",
        "tx": "Shifted input T x",
        "y": "Convolved: f(x)",
        "moved": "Shifted by {t}, then convolved: f(T x)",
        "after": "Convolved, then shifted by {tau}",
        "marks": "Compared",
        "legend": "=: equal. ≠: different. Dashed: the theorem promises nothing.",
        "all": "t = {t} is a multiple of the stride {s}: all {P} outputs agree, the order does not matter.",
        "border_differs": "t = {t} is a multiple of the stride {s}. Outputs for which agreement is promised: {safe}, and "
        "they agree. Outputs that differ: {differ}, all at the border.",
        "border_equal": "t = {t} is a multiple of the stride {s}. Outputs for which agreement is promised: {safe}, and "
        "they agree; this time the others happen to agree as well.",
        "between": "t = {t} is no multiple of the stride {s}: no shift of the output belongs to it. The closest moves by {tau}; "
        "outputs that still differ: {differ}.",
        "between_equal": "t = {t} is no multiple of the stride {s}; for this input the output moved by {tau} happens to agree "
        "everywhere, for others it does not.",
        "rule": "Proved: multiples of the stride always commute ({multiples}); on the infinite line no other shift does, for a "
        "finite kernel other than zero ({only}); with zeros the equality is promised only where the window lies within the "
        "image ({border}).",
    },
}


def convolved(x: np.ndarray, kernel: tuple[int, ...], stride: int, circle: bool) -> np.ndarray:
    """The outputs of the reference layer, `(P,)`; a circle is the line with its ends wrapped around."""
    taps = np.array(kernel, float)[None, None]
    reach = len(kernel) // 2
    wrapped = np.pad(x, reach, mode="wrap" if circle else "constant")
    return conv1d.forward(wrapped[None, None], taps, stride=stride)[0, 0]


def shifted(x: np.ndarray, t: int, circle: bool) -> np.ndarray:
    if circle:
        return np.roll(x, t)
    return np.array([x[e - t] if 0 <= e - t < len(x) else 0.0 for e in range(len(x))])


def markup(lang: str) -> str:
    """The piece with stride 2, zeros, the smoothing kernel, and a shift by 2."""
    words = WORDS[lang]
    s, t, kernel = 2, 2, "smooth"
    x = np.array(SIGNAL, float)
    y = convolved(x, KERNELS[kernel], s, circle=False)
    moved = convolved(shifted(x, t, circle=False), KERNELS[kernel], s, circle=False)
    tau = t // s
    after = shifted(y, tau, circle=False)
    width, P = len(x), len(y)
    safe = [s * n - 1 >= 0 and s * n + 1 < width and 0 <= n - tau < P for n in range(P)]
    differ = moved != after

    def classes(_: int, n: int) -> str:
        return " ".join(name for name, on in (("differs", differ[n]), ("edge", not safe[n])) if on)

    out = {"span": s, "more": "cnnsym-cells--line"}
    return frame(
        "commuting-shifts",
        words,
        controls=(
            choice("stride", words["stride"], (1, 2, 3), s),
            choice("border", words["border"], {"zeros": words["zeros"], "circle": words["circle"]}, "zeros"),
            choice("kernel", words["kernel"], {name: words[name] for name in KERNELS}, kernel),
            slider("shift", words["shift"], -6, 6, t),
        ),
        body=(
            cells("x", words["x"], [x], more="cnnsym-cells--line"),
            cells("tx", words["tx"], [shifted(x, t, circle=False)], more="cnnsym-cells--line"),
            cells("y", words["y"], [y], **out),
            cells("moved", words["moved"].format(t=t), [moved], **out),
            cells("after", words["after"].format(tau=tau), [after], **out),
            cells("marks", words["marks"], [["≠" if d else "=" for d in differ]], marks=classes, **out),
            legend(words["legend"]),
        ),
        result=words["border_differs" if differ.any() else "border_equal"].format(
            t=t, s=s, safe=sum(safe), differ=int(differ.sum())
        ),
        data={"signal": SIGNAL, "kernels": KERNELS},
        rule=words["rule"].format(
            multiples=reference("4.1-stride-equivariance"),
            only=reference("4.1-stride-equivariance-necessity"),
            border=reference("1.3-conv-any-translation-padded-corrected"),
        ),
    )
