"""Networks as chains of the layers of `cnnsym.reference`: forward and backward, one after the other."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnnsym.claim import Text
from cnnsym.reference import avg_pool2d, conv2d, flatten, gap, linear, max_pool2d, relu

Array = NDArray[Any]
Reduction = Literal["max", "average", "stride", "none"]
Head = Literal["flatten", "gap"]

REDUCTIONS: dict[Reduction, Text] = {
    "max": Text("最大池化", "max pooling"),
    "average": Text("平均池化", "average pooling"),
    "stride": Text("步幅 2，无池化", "stride 2, no pooling"),
    "none": Text("既无池化也无步幅", "neither"),
}
HEADS: dict[Head, Text] = {"flatten": Text("拉平", "flattened"), "gap": Text("全局平均", "global average")}


class Layer:
    """A step of the chain. `backward` refers to the last `forward` and leaves `gradients`, one for each of `parameters`."""

    def __init__(self, *parameters: Array) -> None:
        self.parameters = list(parameters)
        self.gradients: list[Array] = []

    def forward(self, x: Array) -> Array:
        raise NotImplementedError

    def backward(self, grad: Array) -> Array:
        raise NotImplementedError


class Convolution(Layer):
    """Kernels `(d, c, k, k)` with He's normal start, a bias of zeros, and `stride` and `padding` as in the reference."""

    def __init__(
        self, random: np.random.Generator, c: int, d: int, k: int = 3, *, stride: int = 1, padding: int = 1
    ) -> None:
        super().__init__(_he(random, (d, c, k, k), c * k * k), np.zeros(d, np.float32))
        self._options = {"stride": stride, "padding": padding}

    def forward(self, x: Array) -> Array:
        self._x = x
        return conv2d.forward(x, *self.parameters, **self._options)

    def backward(self, grad: Array) -> Array:
        grad_x, *self.gradients = conv2d.backward(grad, self._x, self.parameters[0], **self._options)
        return grad_x


class Linear(Layer):
    """Weights `(d, n)` with He's normal start, and a bias of zeros."""

    def __init__(self, random: np.random.Generator, n: int, d: int) -> None:
        super().__init__(_he(random, (d, n), n), np.zeros(d, np.float32))

    def forward(self, x: Array) -> Array:
        self._x = x
        return linear.forward(x, *self.parameters)

    def backward(self, grad: Array) -> Array:
        grad_x, *self.gradients = linear.backward(grad, self._x, self.parameters[0])
        return grad_x


class ReLU(Layer):
    def forward(self, x: Array) -> Array:
        self._x = x
        return relu.forward(x)

    def backward(self, grad: Array) -> Array:
        return relu.backward(grad, self._x)


class ZeroPadding(Layer):
    """Rows and columns of zeros: `before` at the top and left, `after` at the bottom and right."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self._sides = (before, after)

    def forward(self, x: Array) -> Array:
        return np.pad(x, ((0, 0), (0, 0), self._sides, self._sides))

    def backward(self, grad: Array) -> Array:
        (before, after), (H, W) = self._sides, grad.shape[2:]
        return grad[:, :, before : H - after, before : W - after]


class MaxPooling(Layer):
    """Windows of `size` by `size`, side by side."""

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self._size = size

    def forward(self, x: Array) -> Array:
        self._x = x
        return max_pool2d.forward(x, self._size)

    def backward(self, grad: Array) -> Array:
        return max_pool2d.backward(grad, self._x, self._size)


class AveragePooling(Layer):
    """Windows of `size` by `size`, side by side."""

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self._size = size

    def forward(self, x: Array) -> Array:
        self._shape = x.shape[2:]
        return avg_pool2d.forward(x, self._size)

    def backward(self, grad: Array) -> Array:
        return avg_pool2d.backward(grad, self._shape, self._size)


class GlobalAveragePooling(Layer):
    def forward(self, x: Array) -> Array:
        self._shape = x.shape[2:]
        return gap.forward(x)

    def backward(self, grad: Array) -> Array:
        return gap.backward(grad, self._shape)


class Flatten(Layer):
    def forward(self, x: Array) -> Array:
        self._shape = x.shape
        return flatten.forward(x)

    def backward(self, grad: Array) -> Array:
        return flatten.backward(grad, self._shape[1:])


class Network:
    """A chain of layers; those of `body` make maps of features, those of `head` make of these a score for each class."""

    def __init__(self, body: list[Layer], head: list[Layer]) -> None:
        self.body, self.head = body, head

    @property
    def layers(self) -> list[Layer]:
        return [*self.body, *self.head]

    def features(self, x: Array) -> Array:
        """The maps `(B, C, h, w)` of images `(B, c, H, W)`."""
        for layer in self.body:
            x = layer.forward(x)
        return x

    def forward(self, x: Array) -> Array:
        """The scores `(B, classes)` of images `(B, c, H, W)`."""
        x = self.features(x)
        for layer in self.head:
            x = layer.forward(x)
        return x

    def backward(self, grad: Array) -> Array:
        """The gradient by the images of the last `forward`, from that by the scores; every layer then has its `gradients`."""
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    def size(self) -> int:
        """The number of parameters."""
        return sum(p.size for layer in self.layers for p in layer.parameters)


def classifier(
    random: np.random.Generator,
    side: int,
    *,
    reduction: Reduction = "max",
    head: Head = "flatten",
    channels: tuple[int, int] = (8, 16),
    classes: int = 10,
) -> Network:
    """Two blocks of a 3x3 convolution (same padding) and ReLU, each of which halves images of `side` by `side`; a linear head.

    "stride" halves by a stride of 2 in the convolution: as many parameters, and maps of the same size, as with pooling.
    """
    body: list[Layer] = []
    c = 1
    for d in channels:
        body += [Convolution(random, c, d, stride=2 if reduction == "stride" else 1), ReLU()]
        if reduction in ("max", "average"):
            body.append(MaxPooling() if reduction == "max" else AveragePooling())
        if reduction != "none":
            side = (side + 1) // 2 if reduction == "stride" else side // 2
        c = d
    if head == "gap":
        return Network(body, [GlobalAveragePooling(), Linear(random, c, classes)])
    return Network(body, [Flatten(), Linear(random, c * side * side, classes)])


def _he(random: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> Array:
    """Source: He, Zhang, Ren and Sun 2015, Delving deep into rectifiers, equation 10."""
    return random.normal(0.0, np.sqrt(2.0 / fan_in), shape).astype(np.float32)
