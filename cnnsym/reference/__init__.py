"""Plain NumPy layers, forward and backward, one a module.

They are written from the definitions, by hand, and import NumPy and the standard library
only: an independent numeric witness for what the symbolic side derives.

One convention holds throughout. `forward(inputs...)` gives the output;
`backward(grad_output, ...)` takes the gradient of a scalar cost by that output and gives
the gradient by each input, in the order of `forward` and each in the shape of its input.
A loss has no output gradient to take. Inputs are `float32` or `float64`, all alike, and
so are the results; an entry that is nan or infinite is refused.
"""

from cnnsym.reference import agreement as agreement
from cnnsym.reference import avg_pool2d as avg_pool2d
from cnnsym.reference import batch_norm as batch_norm
from cnnsym.reference import blur_pool2d as blur_pool2d
from cnnsym.reference import conv1d as conv1d
from cnnsym.reference import conv2d as conv2d
from cnnsym.reference import conv_transpose2d as conv_transpose2d
from cnnsym.reference import correlation as correlation
from cnnsym.reference import dct2d as dct2d
from cnnsym.reference import depthwise_conv2d as depthwise_conv2d
from cnnsym.reference import dropout as dropout
from cnnsym.reference import fca_attention as fca_attention
from cnnsym.reference import flatten as flatten
from cnnsym.reference import gap as gap
from cnnsym.reference import gelu as gelu
from cnnsym.reference import global_max_pool as global_max_pool
from cnnsym.reference import group_norm as group_norm
from cnnsym.reference import im2col as im2col
from cnnsym.reference import layer_norm as layer_norm
from cnnsym.reference import leaky_relu as leaky_relu
from cnnsym.reference import linear as linear
from cnnsym.reference import log_softmax as log_softmax
from cnnsym.reference import lp_pool2d as lp_pool2d
from cnnsym.reference import max_pool2d as max_pool2d
from cnnsym.reference import mse as mse
from cnnsym.reference import relu as relu
from cnnsym.reference import residual as residual
from cnnsym.reference import sigmoid as sigmoid
from cnnsym.reference import silu as silu
from cnnsym.reference import softmax as softmax
from cnnsym.reference import softmax_cross_entropy as softmax_cross_entropy
from cnnsym.reference import squeeze_excitation as squeeze_excitation
from cnnsym.reference import tanh as tanh
from cnnsym.reference import windows as windows
