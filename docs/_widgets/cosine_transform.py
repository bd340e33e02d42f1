"""The cosine transform of a small image: its coefficients, one basis image, and the image from some of them."""

from __future__ import annotations

import numpy as np
from cnnsym_widgets.panel import cells, choice, frame, legend, line, number, reference, row, slider

from cnnsym.reference import dct2d

IMAGE = (
    (0, 0, 0, 0, 3, 9, 0, 0),
    (0, 0, 0, 3, 9, 9, 0, 0),
    (0, 0, 3, 9, 3, 9, 0, 0),
    (0, 3, 9, 3, 0, 9, 0, 0),
    (3, 9, 9, 9, 9, 9, 9, 0),
    (0, 0, 0, 0, 0, 9, 0, 0),
    (0, 0, 0, 0, 0, 9, 0, 0),
    (0, 0, 0, 0, 0, 0, 0, 0),
)
KEPT = 10

WORDS = {
    "zh": {
        "title": "余弦变换：系数、基与重建",
        "hint": "在“系数”表里用方向键或点按选一个频率；滑块决定按 h + w 由小到大用前几个系数重建。",
        "kept": "用几个系数",
        "inverse": "逆变换",
        "corrected": "更正后",
        "printed": "照原文（无权）",
        "image": "8 × 8 的图像 x",
        "coefficients": "系数 f",
        "legend": "粗框：下面的重建用到的系数；双框：选中的频率。",
        "basis": "基图像 B，频率 ({h}, {w})",
        "rebuilt": "用 {K} 个系数重建的图像",
        "frequency": "频率 ({h}, {w}) 的系数是 {f}；基图像从上到下变号 {h} 次，从左到右变号 {w} 次。",
        "some": "用 {K} 个系数：与原图最多相差 {error}。",
        "every": "64 个系数全用上：重建就是原图；这里最多相差 {error}，那是浮点数的舍入，定理说的是恰好相等。",
        "wrong": "照原文不带权：用 {K} 个系数时与原图最多相差 {error}；64 个全用上也回不到原图。",
        "rule": "已证明：全部系数恰好给出原图（{corrected}）；照原文的式子不成立（{printed}）。"
        "表中的数取整到整数，基图像取一位小数。",
    },
    "en": {
        "title": "Cosine transform: coefficients, basis, reconstruction",
        "hint": "In the table “coefficients”, arrow keys or a tap choose a frequency. The slider says how many "
        "coefficients, by rising h + w, the image is put together from.",
        "kept": "Coefficients used",
        "inverse": "Inverse",
        "corrected": "corrected",
        "printed": "as printed (no weights)",
        "image": "An image x of 8 × 8 pixels",
        "coefficients": "Coefficients f",
        "legend": "Thick frame: used for the image below. Double frame: the chosen frequency.",
        "basis": "Basis image B, frequency ({h}, {w})",
        "rebuilt": "The image from {K} coefficients",
        "frequency": "Frequency ({h}, {w}) has the coefficient {f}. Sign changes of its basis image: {h} from top to "
        "bottom, {w} from left to right.",
        "some": "From {K} coefficients: the largest difference from the image is {error}.",
        "every": "All 64 coefficients give the image back. The largest difference here, {error}, is rounding of floating-point "
        "numbers; the theorem says that they are equal.",
        "wrong": "As printed, without weights: from {K} coefficients the largest difference from the image is {error}; "
        "not even all 64 give it back.",
        "rule": "Proved: all coefficients give exactly the image ({corrected}). Refuted: the equation as printed ({printed}). "
        "Numbers are rounded to integers, those of the basis to one decimal.",
    },
}


def zigzag(n: int) -> list[tuple[int, int]]:
    """The frequencies by rising h + w, to and fro."""
    pairs = [(h, w) for h in range(n) for w in range(n)]
    return sorted(pairs, key=lambda pair: (sum(pair), pair[0] if sum(pair) % 2 else -pair[0]))


def tenth(value: float) -> str:
    """One decimal, a true minus sign, and no minus before zero."""
    tenths = int((value * 10 + 0.5) // 1)
    return ("−" if tenths < 0 else "") + f"{abs(tenths) // 10}.{abs(tenths) % 10}"


def markup(lang: str) -> str:
    """The piece with frequency (1, 2) and the reconstruction from the first coefficients."""
    words = WORDS[lang]
    x = np.array(IMAGE, float)
    n = len(x)
    f = dct2d.forward(x)
    h, w = 1, 2
    one = np.zeros((n, n))
    one[h, w] = 1
    basis = dct2d.backward(one)
    kept = set(zigzag(n)[:KEPT])
    chosen = np.array([[(i, j) in kept for j in range(n)] for i in range(n)])
    rebuilt = dct2d.inverse(np.where(chosen, f, 0.0))

    def coefficient_mark(i: int, j: int) -> str:
        return " ".join(m for m, on in (("read", (i, j) in kept), ("chosen", (i, j) == (h, w))) if on)

    shaded = "cnnsym-cells--shaded"
    return frame(
        "cosine-transform",
        words,
        controls=(
            slider("kept", words["kept"], 0, n * n, KEPT),
            choice(
                "inverse", words["inverse"], {"corrected": words["corrected"], "printed": words["printed"]}, "corrected"
            ),
        ),
        body=(
            row(
                cells("coefficients", words["coefficients"], f, marks=coefficient_mark),
                cells(
                    "basis",
                    words["basis"].format(h=h, w=w),
                    [[tenth(value) for value in values] for values in basis],
                    marks=lambda i, j: "negative" if basis[i, j] < 0 else "",
                    shade=lambda i, j: abs(basis[i, j]),
                    more=shaded,
                ),
            ),
            legend(words["legend"]),
            line("frequency", words["frequency"].format(h=h, w=w, f=number(f[h, w]))),
            row(
                cells("image", words["image"], x, shade=lambda i, j: x[i, j] / 9, more=shaded),
                cells(
                    "rebuilt",
                    words["rebuilt"].format(K=KEPT),
                    rebuilt,
                    shade=lambda i, j: min(max(rebuilt[i, j] / 9, 0.0), 1.0),
                    more=shaded,
                ),
            ),
        ),
        result=words["some"].format(K=KEPT, error=tenth(np.abs(rebuilt - x).max())),
        data={"image": IMAGE, "frequency": (h, w)},
        rule=words["rule"].format(corrected=reference("3.3-eq2-idct-corrected"), printed=reference("3.3-eq2-idct")),
    )
