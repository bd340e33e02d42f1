"""`compile_numpy`: expressions as a plain Python function of NumPy arrays.

Only text that this package made is compiled: arguments, functions and sizes have generated names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from cnnsym.calculus.normal import normal_all
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.expression import expression
from cnnsym.numpy_code.instructions import Program
from cnnsym.numpy_code.matrices import Lowering
from cnnsym.sizes import shape_text


def compile_numpy(
    exprs: Any, arguments: Sequence[Any], functions: Mapping[str, Callable[..., Any]] | None = None
) -> Callable[..., Any]:
    """A Python function of NumPy arrays that computes an expression, or a tuple of the values of several.

    `arguments` are matrix symbols (given as 2-D arrays, columns of shape `(n, 1)`) and scalar symbols, in the order of
    the function's parameters; sizes are read from the shapes. Common subexpressions are computed once. `functions` gives
    the abstract functions by name: `"f"`, `"f'"`, `"f''"` for entry functions; `"J"`, `"J'"` (the gradient), `"J''"` (the
    Hessian) for an objective, where for an objective of several arguments the derivatives are sequences by argument.
    `float32` arrays give `float32` results. The code is in the attribute `source`.

    Raises UnsupportedError for what has no NumPy code, a symbol that is no argument, or a function that is not given;
    the function raises ShapeError where an array does not have the shape of its symbol.

    >>> import numpy, cnnsym
    >>> m, n = cnnsym.dims("m n")
    >>> W, z = cnnsym.matrix("W", m, n), cnnsym.vector("z", n)
    >>> product = compile_numpy(W*z, [W, z])
    >>> product(numpy.array([[1., 2.]]), numpy.array([[3.], [4.]]))
    array([[11.]])
    """
    many = isinstance(exprs, (list, tuple, sp.Tuple))
    roots = normal_all([expression(e) for e in exprs]) if many else normal_all([expression(exprs)])
    names = {argument: f"a{k}" for k, argument in enumerate(arguments)}
    if len(names) != len(arguments):
        raise UnsupportedError("compile_numpy: an argument occurs twice")
    sizes = _sizes(names)
    namespace: dict[str, Any] = {"np": np}
    given: dict[str, str] = {}

    def function_name(label: str) -> str:
        if label not in given:
            if functions is None or label not in functions:
                raise UnsupportedError(f"compile_numpy: expected a callable for {label!r} in functions")
            given[label] = f"f{len(given)}"
            namespace[given[label]] = functions[label]
        return given[label]

    program = Program()
    size_names = {symbol: f"n{k}" for k, symbol in enumerate(sizes)}
    lowering = Lowering(program, {**names, **size_names}, function_name)
    results = [lowering.lower(root) for root in roots]
    body, values = program.lines(results)
    head = [f"{size_names[s]} = {name}.shape[{axis}]" for s, (name, axis) in sizes.items()]
    shapes = Program()  # of its own: what is computed for the checks stands before the body
    head += _checks(names, Lowering(shapes, {**names, **size_names}, function_name), shapes, namespace)
    returned = "(" + "".join(f"{value}, " for value in values) + ")" if many else values[0]
    lines = [f"def compiled({', '.join(names.values())}):", *head, *body, f"return {returned}"]
    source = "\n    ".join(lines) + "\n"
    exec(compile(source, "<compile_numpy>", "exec"), namespace)
    compiled: Any = namespace["compiled"]
    compiled.source = source
    return compiled


def _sizes(names: Mapping[Any, str]) -> dict[Any, tuple[str, int]]:
    """For each size symbol, an argument and axis whose length it is."""
    sizes: dict[Any, tuple[str, int]] = {}
    for argument, name in names.items():
        if isinstance(argument, sp.MatrixSymbol):
            for axis, length in enumerate(argument.shape):
                if isinstance(length, sp.Symbol) and length not in names:
                    sizes.setdefault(length, (name, axis))
        elif not isinstance(argument, sp.Symbol):
            raise UnsupportedError(
                f"compile_numpy: expected matrix symbols and scalar symbols as arguments, got {argument}"
            )
    return sizes


def _checks(names: Mapping[Any, str], lowering: Lowering, program: Program, namespace: dict[str, Any]) -> list[str]:
    """Lines that check shapes, fix the dtype of constants, and bring scalars to it."""
    shown: dict[str, str] = {}
    lines: list[str] = []
    for argument, name in names.items():
        if isinstance(argument, sp.MatrixSymbol):
            shown[name] = f"{argument} {shape_text(argument.shape)}"
            computed, shape = program.lines([lowering.lower(expression(length)) for length in argument.shape])
            lines += [*computed, f"if {name}.shape != ({shape[0]}, {shape[1]}): mismatch({name!r}, {name}.shape)"]

    def mismatch(name: str, shape: tuple[int, ...]) -> None:
        raise ShapeError(f"expected {shown[name]}, sizes as in the arguments before it; got an array of shape {shape}")

    namespace["mismatch"] = mismatch
    arrays = [name for argument, name in names.items() if isinstance(argument, sp.MatrixSymbol)]
    lines.append(f"dtype = np.result_type({', '.join([*arrays, 'np.float32' if arrays else 'np.float64'])})")
    lines += [f"{name} = dtype.type({name})" for argument, name in names.items() if isinstance(argument, sp.Symbol)]
    return lines
