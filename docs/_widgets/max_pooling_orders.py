"""How often a maximum stays exactly the same when its window moves: all orders of the values, none drawn at random."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from cnnsym_widgets.panel import cells, choice, frame, legend, line, reference, slider

from cnnsym.reference import max_pool2d

WORDS = {
    "zh": {
        "title": "最大值有多常不变",
        "hint": "选择窗口宽度 p 和平移 t；每次都枚举所有大小次序，不靠随机抽样。",
        "window": "窗口 p",
        "shift": "平移 t",
        "first": "第一个窗口",
        "second": "移动 {t} 格后的窗口",
        "same": "最大的值在此处",
        "legend": "■：属于窗口；✓：最大值不变；✗：最大值改变。",
        "count": "共 {n} 个位置，{n}! = {orders} 种次序；其中 {unchanged} 种的最大值不变。",
        "result": "最大值不变的概率：{unchanged} / {orders} = {numerator}/{denominator}，"
        "公式给出 (p − t)/(p + t) = {top}/{bottom}。",
        "rule": "已证明：值互不相同且 1 ≤ t < p 时，最大值不变当且仅当最大的值是公共的（{event}）；"
        "公共位置的比例是 (p − t)/(p + t)（{share}）。",
    },
    "en": {
        "title": "How often a maximum stays",
        "hint": "Choose the width p of the window and the shift t. All orders of the values are counted each time; nothing is "
        "drawn at random.",
        "window": "Window p",
        "shift": "Shift t",
        "first": "The first window",
        "second": "The window moved by {t}",
        "same": "With the largest value here",
        "legend": "■: belongs to the window. ✓: the maximum stays. ✗: the maximum changes.",
        "count": "There are {n} positions and {n}! = {orders} orders; in {unchanged} of them the maximum stays.",
        "result": "Probability that the maximum stays: {unchanged} / {orders} = {numerator}/{denominator}; "
        "the formula says (p − t)/(p + t) = {top}/{bottom}.",
        "rule": "Proved: with different values and 1 ≤ t < p the maximum stays if and only if the largest value is shared "
        "({event}); the shared positions are (p − t)/(p + t) of all ({share}).",
    },
}


def unchanged_orders(p: int, t: int) -> list[int]:
    """For each position of the largest value: in how many orders the reference layer has the same maximum at both windows."""
    orders = np.array(list(itertools.permutations(range(p + t))), float)
    pooled = max_pool2d.forward(orders[:, None, None, :], (1, p), stride=1)[:, 0, 0, :]
    same = pooled[:, 0] == pooled[:, t]
    largest = orders.argmax(axis=1)
    return [int(np.sum(same & (largest == place))) for place in range(p + t)]


def markup(lang: str) -> str:
    """The piece with a window of 3 and a shift by 1."""
    words = WORDS[lang]
    p, t = 3, 1
    n = p + t
    found = unchanged_orders(p, t)
    orders, unchanged = math.factorial(n), sum(found)
    share = Fraction(unchanged, orders)
    more = "cnnsym-cells--line cnnsym-cells--signs"

    def inside(start: int) -> list[list[str]]:
        return [["■" if start <= place < start + p else "·" for place in range(n)]]

    return frame(
        "max-pooling-orders",
        words,
        controls=(choice("window", words["window"], (2, 3, 4), p), slider("shift", words["shift"], 0, 4, t)),
        body=(
            cells("first", words["first"], inside(0), more=more),
            cells("second", words["second"].format(t=t), inside(t), more=more),
            cells(
                "same",
                words["same"],
                [["✓" if one else "✗" for one in found]],
                marks=lambda _, place: "" if found[place] else "differs",
                more=more,
            ),
            legend(words["legend"]),
            line("count", words["count"].format(n=n, orders=orders, unchanged=unchanged)),
        ),
        result=words["result"].format(
            unchanged=unchanged,
            orders=orders,
            numerator=share.numerator,
            denominator=share.denominator,
            top=p - t,
            bottom=p + t,
        ),
        data={},
        rule=words["rule"].format(
            event=reference("4.2-max-more-invariant-event"), share=reference("4.2-max-more-invariant-corrected")
        ),
    )
