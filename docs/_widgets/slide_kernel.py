"""A kernel slides over an image: window, products, output, and how often each pixel is read."""

from __future__ import annotations

import numpy as np
from cnnsym_widgets.panel import cells, choice, frame, legend, line, reference, row

from cnnsym.reference import conv2d
from cnnsym.reference.windows import lay

IMAGE = (
    (1, 1, 2, 7, 8, 8),
    (1, 2, 1, 6, 8, 9),
    (2, 1, 1, 2, 7, 8),
    (1, 1, 2, 1, 6, 8),
    (1, 2, 1, 2, 2, 7),
    (2, 1, 1, 1, 2, 6),
)
KERNEL = ((1, 0, -1), (2, 0, -2), (1, 0, -1))

WORDS = {
    "zh": {
        "title": "滑动的核",
        "hint": "选择步幅、补零和空洞；在“输出”表里用方向键或点按移动窗口。",
        "stride": "步幅 s",
        "padding": "每边补零 p",
        "dilation": "空洞 d",
        "input": "补零后的输入",
        "kernel": "核",
        "products": "逐项相乘",
        "output": "输出",
        "legend": "虚线格：补的零；粗框：窗口；双框：窗口给出的输出。",
        "visits": "每个像素被读几次",
        "size": "输出宽度：⌊({m} + 2·{p} − {d}·(3 − 1) − 1) / {s}⌋ + 1 = {P}",
        "result": "输出 ({u}, {v}) 读第 {rows} 行、第 {columns} 列的像素（从 0 数起，图像之外是零）；九个乘积之和是 {y}。",
        "none": "核跨 {reach} × {reach} 格，补零后的输入只有 {padded} × {padded} 格：放不下，没有输出。",
        "none_size": "输出宽度：放得下核时才有公式。",
        "rule": "宽度的公式是 {size}；步幅 1、“相同”填充时，读取次数由 {visits} 给出。",
    },
    "en": {
        "title": "Slide the kernel",
        "hint": "Choose stride, padding and dilation. In the table “output”, arrow keys or a tap move the window.",
        "stride": "Stride s",
        "padding": "Zeros on each side p",
        "dilation": "Dilation d",
        "input": "Input with padding",
        "kernel": "Kernel",
        "products": "Products",
        "output": "Output",
        "legend": "Dashed: zeros of the padding. Thick frame: the window. Double frame: the output that it gives.",
        "visits": "How often each pixel is read",
        "size": "Output width: ⌊({m} + 2·{p} − {d}·(3 − 1) − 1) / {s}⌋ + 1 = {P}",
        "result": "Output ({u}, {v}) reads the pixels in rows {rows} and columns {columns} (counted from 0, "
        "zero outside of the image); its nine products add up to {y}.",
        "none": "The kernel spans {reach} × {reach} positions, and the padded input has {padded} × {padded} only: "
        "it does not fit, and there is no output.",
        "none_size": "Output width: the formula is for kernels that fit.",
        "rule": "The width is that of {size}; for “same” padding and stride 1 the counts are those of {visits}.",
    },
}


def markup(lang: str) -> str:
    """The piece with stride 1, one zero on each side, and the window at its first place."""
    words = WORDS[lang]
    x, W = np.array(IMAGE, float)[None, None], np.array(KERNEL, float)[None, None]
    s = p = d = 1
    m = len(IMAGE)
    output = conv2d.forward(x, W, stride=s, padding=p, dilation=d)[0, 0]
    windows = lay((m, m), 3, s, p, d)
    patch = windows.read(x)[0, 0, :, :, 0, 0]
    visits = windows.add(np.ones((1, 1, 3, 3, *windows.count)))[0, 0]
    padded = windows.pad(x)[0, 0]

    def input_mark(i: int, j: int) -> str:
        outside = not (p <= i < m + p and p <= j < m + p)
        return ("padding " if outside else "") + ("read" if i < 3 and j < 3 else "")

    places = "−1, 0, 1"
    return frame(
        "slide-kernel",
        words,
        controls=(
            choice("stride", words["stride"], (1, 2, 3), s),
            choice("padding", words["padding"], (0, 1, 2), p),
            choice("dilation", words["dilation"], (1, 2, 3), d),
        ),
        body=(
            row(
                cells("input", words["input"], padded, marks=input_mark),
                cells("output", words["output"], output, marks=lambda i, j: "" if i or j else "chosen"),
            ),
            legend(words["legend"]),
            line("size", words["size"].format(m=m, p=p, d=d, s=s, P=len(output))),
            row(
                cells("kernel", words["kernel"], KERNEL),
                cells("products", words["products"], patch * W[0, 0]),
                cells(
                    "visits", words["visits"], visits, shade=lambda i, j: visits[i, j] / 9, more="cnnsym-cells--shaded"
                ),
            ),
        ),
        result=words["result"].format(
            u=0, v=0, rows=places, columns=places, y=str(int(output[0, 0])).replace("-", "−")
        ),
        data={"image": IMAGE, "kernel": KERNEL},
        rule=words["rule"].format(
            size=reference("2.2-general-size"),
            visits=reference("2.2-same-border-2d"),
        ),
    )
