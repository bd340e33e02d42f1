"""The 64 basis images of the cosine transform of 8 by 8 pixels, and what few of them keep of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnsym.reference import dct2d, gap

from .drawing.cells import gray
from .drawing.sheet import INK, Sheet, figure

SIZE = 8
KEPT = (1, 4, SIZE)  # frequencies below this one, in each direction

TITLE = {"zh": "离散余弦变换的 64 个基图像", "en": "The 64 basis images of the cosine transform"}
ALT = {
    "zh": "左：{size}×{size} 张小图，行号是竖直频率 h，列号是水平频率 w；越往右下条纹越细。左上角 (0, 0) 处处是 1，"
    "有框标出，就是全局平均池化所用的那一张。右：一张 {size}×{size} 的图，以及只用最低的 {kept} 个频率合成的"
    "三张图；只用一个时是均匀的灰，用全部 {all} 个时与原图相同。",
    "en": "Left: {size} by {size} small images, one row for each vertical frequency h, one column for each "
    "horizontal frequency w; the stripes grow finer to the right and downwards. Image (0, 0) is 1 "
    "everywhere; it is framed, and it is the one that global average pooling uses. Right: an image of "
    "{size} by {size} pixels, and three that are made of its lowest {kept} frequencies only; one gives an "
    "even gray, all {all} give the image itself.",
}
CAPTION = {
    "zh": "黑是 −1，白是 1。有框的 (0, 0) 处处为 1：它的系数是像素之和，除以 {all} 就是 GAP。灰度图由最低的 "
    "{kept} 个系数合成；只留一个，就只剩均值 {mean}。",
    "en": "Black is −1, white is 1. The framed image (0, 0) is 1 everywhere: its coefficient is the sum of all "
    "pixels, and GAP once divided by {all}. The pictures are made of the lowest {kept} coefficients; with "
    "one of them only the mean is left, {mean}.",
}
_WORDS = {
    "zh": {"image": "原图", "kept": "{n} 个系数", "gap": "只有均值（GAP）", "all": "全部 {n} 个"},
    "en": {"image": "the image", "kept": "{n} coefficients", "gap": "the mean only (GAP)", "all": "all {n}"},
}


def basis(h: int, w: int) -> NDArray[np.float64]:
    """The basis image `(8, 8)` of a frequency: the gradient of that coefficient by the pixels."""
    grad_f = np.zeros((1, 1, SIZE, SIZE))
    grad_f[0, 0, h, w] = 1
    return dct2d.backward(grad_f)[0, 0]


def picture() -> NDArray[np.float64]:
    """A bright disc on a slope of light, `(8, 8)`."""
    i, j = np.mgrid[:SIZE, :SIZE].astype(float)
    return np.where((i - 3) ** 2 + (j - 4) ** 2 <= 6, 9.0, 0.0) + i / 2


def kept(n: int) -> NDArray[np.float64]:
    """The picture made of its frequencies below `n` in each direction."""
    f = dct2d.forward(picture()[None, None])
    f[..., n:, :] = 0
    f[..., :, n:] = 0
    return dct2d.inverse(f)[0, 0]


def numbers() -> dict[str, object]:
    """What the texts speak of."""
    mean = float(gap.forward(picture()[None, None])[0, 0])
    counts = [str(n * n) for n in KEPT]
    return {"size": SIZE, "all": SIZE**2, "kept": ", ".join(counts), "mean": f"{mean:.3g}"}


def draw(lang: str) -> str:
    """The basis on one sheet, four pictures on the other."""
    left = Sheet(328, 328)
    tile, step, start = 34.0, 37.0, 28.0
    for h in range(SIZE):
        left.text(start - 9, start + h * step + 21, h, anchor="middle", size=12)
        left.text(start + h * step + tile / 2, start - 9, h, anchor="middle", size=12)
        for w in range(SIZE):
            gray(left, start + w * step, start + h * step, basis(h, w), tile, low=-1, high=1)
    left.text(start - 2, 11, "*w*", anchor="middle", size=12)
    left.text(9, start + 6, "*h*", anchor="middle", size=12)
    left.rect(start - 1.5, start - 1.5, tile + 3, tile + 3, ink=INK[1], stroke=3)
    words, image = _WORDS[lang], picture()
    shown = [(words["image"], image)]
    for n in KEPT:
        name = words["gap"] if n == 1 else words["all" if n == SIZE else "kept"].format(n=n * n)
        shown.append((name, kept(n)))
    right = Sheet(300, 328)
    for k, (name, values) in enumerate(shown):
        x, y = 6 + 152 * (k % 2), 6 + 164 * (k // 2)
        gray(right, x, y, values, 132, low=float(image.min()), high=float(image.max()))
        right.rect(x, y, 132, 132, ink="currentColor", opacity=0.35)
        right.text(x + 66, y + 150, name, anchor="middle")
    texts = numbers()
    return figure("dct-basis", TITLE[lang], ALT[lang].format(**texts), left, right)
