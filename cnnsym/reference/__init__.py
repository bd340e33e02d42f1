"""Plain NumPy layers, forward and backward, one a module.

They are written from the definitions, by hand, and import NumPy only: an independent
numeric witness for what the symbolic side derives.

One convention holds throughout. `forward(inputs...)` gives the output;
`backward(grad_output, ...)` takes the gradient of a scalar cost by that output and gives
the gradient by each input, in the order of `forward` and each in the shape of its input.
A loss has no output gradient to take. Inputs are `float32` or `float64`, all alike, and
so are the results.
"""

from cnnsym.reference import agreement as agreement
from cnnsym.reference import dct2d as dct2d
from cnnsym.reference import gap as gap
from cnnsym.reference import linear as linear
from cnnsym.reference import relu as relu
from cnnsym.reference import sigmoid as sigmoid
from cnnsym.reference import softmax_cross_entropy as softmax_cross_entropy
from cnnsym.reference import tanh as tanh
