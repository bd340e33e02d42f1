"""Where the gradient of an output goes: average pooling, max pooling with a tie, convolution with a stride."""

from __future__ import annotations

import numpy as np
from cnnsym_widgets.panel import cells, choice, frame, legend, line, reference, row
from cnnsym_widgets.slide_kernel import IMAGE, KERNEL

from cnnsym.reference import avg_pool2d

# Divisible by four, so that the shares of windows of 2 x 2 are integers.
GRADIENT = ((4, 8, -4, 12, 4), (-8, 4, 16, 8, -4), (12, -4, 8, 4, 20), (4, 16, -12, 8, 4), (8, 4, 4, -8, 12))

WORDS = {
    "zh": {
        "title": "梯度流向哪里",
        "hint": "选择层和步幅；在“输出的梯度”表里用方向键或点按选一个输出。",
        "layer": "层",
        "average": "平均池化 2×2",
        "maximum": "最大池化 2×2",
        "convolution": "卷积 3×3",
        "stride": "步幅 s",
        "show": "显示",
        "one": "只看这个输出",
        "all": "所有输出之和",
        "input": "输入",
        "output": "输出的梯度",
        "legend": "双框：选中的输出；粗框：它的窗口。",
        "gradient": "输入的梯度",
        "kernel": "核",
        "spread": "插零后的梯度（虚线格：零）",
        "said_average": "输出 ({u}, {v}) 的梯度 {g} 平分给窗口里的 4 个像素，每个得 {part}。",
        "said_maximum": "输出 ({u}, {v}) 的梯度 {g} 全部给窗口里最大的像素 ({i}, {j})。",
        "said_tie": "窗口里有 {ties} 个像素同为最大，此处没有导数；"
        "逐行数的第一个，即 ({i}, {j})，得到全部 {g}。这是可选的一种次梯度。",
        "said_convolution": "输出 ({u}, {v}) 的梯度 {g} 乘以核，加到窗口的 9 个像素上。",
        "said_all": "所有输出的贡献相加；{unread} 个像素不属于任何窗口，梯度为零。",
        "spread_note": "相邻梯度之间插入 {zeros} 个零，四周补 {around} 个零，末端再补 {rest} 个（除以步幅的余数）；"
        "然后以步幅 1 与翻转的核作互相关，得到同样的“所有输出之和”。",
        "rule": "证明：{average}（平均池化），{maximum} 与 {tie}（最大池化），{stride}（卷积，插零）。",
    },
    "en": {
        "title": "Where the gradient goes",
        "hint": "Choose layer and stride. In the table “gradient by the output”, arrow keys or a tap choose an output.",
        "layer": "Layer",
        "average": "average pooling 2×2",
        "maximum": "max pooling 2×2",
        "convolution": "convolution 3×3",
        "stride": "Stride s",
        "show": "Show",
        "one": "this output alone",
        "all": "all outputs added up",
        "input": "Input",
        "output": "Gradient by the output",
        "legend": "Double frame: the chosen output. Thick frame: its window.",
        "gradient": "Gradient by the input",
        "kernel": "Kernel",
        "spread": "Gradient spread out (dashed: zeros)",
        "said_average": "The gradient {g} of output ({u}, {v}) is shared by the 4 pixels of its window; each receives {part}.",
        "said_maximum": "All of the gradient {g} of output ({u}, {v}) goes to the largest pixel of its window, ({i}, {j}).",
        "said_tie": "In this window {ties} pixels are largest, so there is no derivative. The first of them, row by row, is "
        "({i}, {j}); it receives all of {g}, one subgradient of several.",
        "said_convolution": "The gradient {g} of output ({u}, {v}), times the kernel, is added to the 9 pixels of its window.",
        "said_all": "What all outputs send, added up; pixels that belong to no window: {unread}. Their gradient is zero.",
        "spread_note": "Zeros between neighbouring gradients: {zeros}; around them: {around}; more at the end, the remainder of "
        "the division by the stride: {rest}. The correlation with the flipped kernel and stride 1 then gives the same sum "
        "over all outputs.",
        "rule": "Proofs: {average} (average pooling), {maximum} and {tie} (max pooling), {stride} (convolution, zeros put in).",
    },
}


def markup(lang: str) -> str:
    """The piece with average pooling, stride 2, and the first output alone."""
    words = WORDS[lang]
    x = np.array(IMAGE, float)
    P = avg_pool2d.forward(x[None, None], 2, stride=2).shape[2]
    g = np.array(GRADIENT, float)[:P, :P]
    alone = np.zeros_like(g)
    alone[0, 0] = g[0, 0]
    grad_x = avg_pool2d.backward(alone[None, None], x.shape, 2, stride=2)[0, 0]

    def window(i: int, j: int) -> str:
        return "read" if i < 2 and j < 2 else ""

    return frame(
        "gradient-routing",
        words,
        controls=(
            choice(
                "layer",
                words["layer"],
                {name: words[name] for name in ("average", "maximum", "convolution")},
                "average",
            ),
            choice("stride", words["stride"], (1, 2), 2),
            choice("show", words["show"], {"one": words["one"], "all": words["all"]}, "one"),
        ),
        body=(
            row(
                cells("output", words["output"], g, marks=lambda i, j: "" if i or j else "chosen"),
                cells("input", words["input"], x, marks=window),
                cells(
                    "gradient", words["gradient"], grad_x, marks=lambda i, j: window(i, j) if grad_x[i, j] else "none"
                ),
            ),
            legend(words["legend"]),
            '<div data-part="convolution" hidden>'
            + row(cells("kernel", words["kernel"], KERNEL), cells("spread", words["spread"], []))
            + line("spread_note", "")
            + "</div>",
        ),
        result=words["said_average"].format(u=0, v=0, g=int(g[0, 0]), part=int(grad_x[0, 0])),
        data={"image": IMAGE, "kernel": KERNEL, "gradient": GRADIENT},
        rule=words["rule"].format(
            average=reference("5.2c-avgpool"),
            maximum=reference("5.2c-maxpool"),
            tie=reference("5.2c-maxpool-tie"),
            stride=reference("5.2c-gradx-stride"),
        ),
    )
