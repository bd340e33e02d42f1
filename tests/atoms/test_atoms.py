"""The atoms store and never compute: shapes, messages, rebuilding, copying, and how SymPy may handle them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import sympy as sp

from cnnsym import atoms
from cnnsym.atoms import (
    Atom,
    Basis,
    Commutation,
    Diag,
    Diagonal,
    Elementwise,
    EntryFunction,
    EntryValue,
    Gradient,
    Hadamard,
    Jacobian,
    Kron,
    ObjectiveGradient,
    ObjectiveHessian,
    ObjectiveValue,
    Unvec,
    Vec,
    basis,
    diag,
    digest,
    elementwise,
    hadamard,
    kron,
    matrix,
    objective,
    ones,
    relu,
    scalar,
    sigmoid,
    step,
    unvec,
    vec,
    vector,
)
from cnnsym.errors import ShapeError, UnsupportedError
from cnnsym.sizes import dims, same_shape

m, n, p, q = dims("m n p q")
A, B, S, T = matrix("A", m, n), matrix("B", p, q), matrix("S", n, n), matrix("T", n, n)
x, y, v = vector("x", n), vector("y", n), vector("v", m * n)
f, J = elementwise("f"), objective("J")
s = scalar("s")
k = sp.Symbol("k", integer=True)

# An instance of every class, its shape, and its transpose as SymPy's `.T` gives it.
INSTANCES: dict[str, tuple[Any, tuple[Any, Any]]] = {
    "vec": (Vec(A), (m * n, 1)),
    "vec of an explicit matrix": (Vec(sp.Matrix([[1, 2], [3, s]])), (4, 1)),
    "unvec": (Unvec(v, n, m), (n, m)),
    "kron": (Kron(A, B), (m * p, n * q)),
    "kron of three": (Kron(A, B, x), (m * p * n, n * q)),
    "hadamard": (Hadamard(S, T, S), (n, n)),
    "diag": (Diag(x), (n, n)),
    "diagonal": (Diagonal(S), (n, 1)),
    "commutation": (Commutation(m, n), (m * n, m * n)),
    "basis": (Basis(2, n), (n, 1)),
    "basis, symbolic": (Basis(k + 1, n), (n, 1)),
    "elementwise": (Elementwise(f, A), (m, n)),
    "elementwise, derivative": (f.diff(2)(A), (m, n)),
    "elementwise, concrete": (elementwise(sp.tanh)(A), (m, n)),
    "elementwise, Lambda": (elementwise(sp.Lambda(s, s**2 + 1))(A), (m, n)),
    "objective's gradient": (ObjectiveGradient(J, 1, x, A), (m, n)),
    "objective's Hessian": (ObjectiveHessian(J, 0, 1, x, A), (n, m * n)),
    "gradient": (Gradient(J(x), x), (n, 1)),
    "gradient at a point": (Gradient(J(A), A, 2 * A), (m, n)),
    "jacobian": (Jacobian(A * x, x), (m, n)),
    "jacobian by a matrix": (Jacobian(A * x, A), (m, m * n)),
}
ATOMS = [case[0] for case in INSTANCES.values()]
every_atom = pytest.mark.parametrize("atom", ATOMS, ids=INSTANCES)


def test_every_class_is_listed() -> None:
    public = {getattr(atoms, name) for name in atoms.__all__}
    classes = {c for c in public if isinstance(c, type) and issubclass(c, Atom) and c is not Atom}
    assert classes == {type(atom) for atom in ATOMS}


@pytest.mark.parametrize(("atom", "shape"), INSTANCES.values(), ids=INSTANCES)
def test_shape(atom: Any, shape: tuple[Any, Any]) -> None:
    assert atom.shape == shape
    assert same_shape(atom.T.shape, shape[::-1])
    assert atom.is_Matrix


@every_atom
def test_it_is_rebuilt_from_its_arguments(atom: Any) -> None:
    again = type(atom)(*atom.args)
    assert again == atom
    assert hash(again) == hash(atom)
    assert atom.func(*atom.args) == atom
    assert all(isinstance(a, sp.Basic) for a in atom.args)


@every_atom
def test_doit_leaves_it_alone(atom: Any) -> None:
    assert atom.doit() == atom
    assert (2 * atom).doit() == 2 * atom
    assert (atom + atom).doit() == 2 * atom


@every_atom
def test_transposed_twice_is_itself(atom: Any) -> None:
    assert atom == atom.T.T


@every_atom
def test_it_survives_copying(atom: Any) -> None:
    assert pickle.loads(pickle.dumps(atom)) == atom
    assert deepcopy(atom) == atom
    assert pickle.loads(pickle.dumps(atom)).shape == atom.shape


@every_atom
def test_substitution_reaches_its_arguments(atom: Any) -> None:
    swap = {n: sp.Integer(3), m: sp.Integer(2), p: sp.Integer(1), q: sp.Integer(5)}
    assert tuple(atom.xreplace(swap).shape) == tuple(sp.sympify(e).xreplace(swap) for e in atom.shape)


@every_atom
def test_an_entry_is_not_computed(atom: Any) -> None:
    entry = atom[0, 0]
    assert isinstance(entry, sp.matrices.expressions.matexpr.MatrixElement)
    assert entry.parent == atom


@every_atom
def test_sympys_matrix_derivative_is_refused(atom: Any) -> None:
    with pytest.raises(TypeError, match="gradient"):
        atom._eval_derivative(s)


def test_instances_differ() -> None:
    assert len({digest(a) for a in ATOMS}) == len(ATOMS)
    assert len(set(ATOMS)) == len(ATOMS)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Kron(A, B), Kron(B, A)),
        (Commutation(m, n), Commutation(n, m)),
        (Unvec(v, m, n), Unvec(v, n, m)),
        (f(A), f.diff()(A)),
        (Basis(1, n), Basis(2, n)),
        (ObjectiveGradient(J, 0, x, y), ObjectiveGradient(J, 1, x, y)),
        (ObjectiveHessian(J, 0, 1, x, y), ObjectiveHessian(J, 1, 0, x, y)),
    ],
    ids=str,
)
def test_order_is_part_of_what_it_is(left: Any, right: Any) -> None:
    assert left != right
    assert digest(left) != digest(right)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "vec of a scalar": (lambda: vec(s), "vec: expected a matrix"),
    "unvec, length": (lambda: unvec(v, m, p), r"unvec: expected a column of m\*p entries .* got shape m\*n x 1"),
    "unvec, a row": (lambda: unvec(v.T, m, n), "unvec: expected a column"),
    "hadamard": (lambda: hadamard(A, A, A.T), "factor 1 is m x n, factor 3 is n x m"),
    "hadamard with a scalar": (lambda: hadamard(A, s), "factor 2"),
    "kron with a scalar": (lambda: kron(A, s), "factor 2"),
    "diag": (lambda: diag(A), "expected a column or a square matrix, got shape m x n"),
    "Diag": (lambda: Diag(S), "expected a column, got shape n x n"),
    "Diagonal": (lambda: Diagonal(A), "expected a square matrix"),
    "basis from 1": (lambda: basis(0, n), "index from 1 to n, got 0"),
    "basis to n": (lambda: basis(4, 3), "index from 1 to 3, got 4"),
    "matrix": (lambda: matrix("A", 0, n), "matrix A: expected a positive integer number of rows, got 0"),
    "matrix, columns": (lambda: matrix("A", n, sp.Rational(1, 2)), "number of columns, got 1/2"),
    "objective without argument": (lambda: J(), "at least one matrix argument"),
    "objective of a scalar": (lambda: J(x, s), "objective J: expected a matrix for argument 2"),
    "gradient by an expression": (lambda: Gradient(J(x), 2 * x), "expected a matrix symbol"),
    "gradient of a matrix": (lambda: Gradient(A, A), "expected a scalar, got shape m x n"),
    "gradient at another shape": (lambda: Gradient(J(x), x, A), "variable x is n x 1, the point is m x n"),
    "elementwise of a list": (lambda: Elementwise(f, s), "elementwise f: expected a matrix"),
}


@pytest.mark.parametrize(("build", "said"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_shape_is_told(build: Callable[[], Any], said: str) -> None:
    with pytest.raises(ShapeError, match=said):
        build()


@pytest.mark.parametrize("text", ["A", "__import__('os')", ""])
def test_text_is_never_taken_for_an_expression(text: str) -> None:
    for build in (vec, diag, f, J, lambda e: kron(A, e), lambda e: basis(e, n), lambda e: matrix("A", e, n)):
        with pytest.raises((UnsupportedError, ShapeError)):
            build(text)


def test_one_factor_is_itself() -> None:
    assert kron(A) == A
    assert hadamard(A) == A
    for build in (kron, hadamard, Kron, Hadamard):
        with pytest.raises((TypeError, IndexError)):
            build()


# --- functions -------------------------------------------------------------------------------------------------------


def test_an_abstract_function() -> None:
    assert (f.is_abstract, f.label, f.order, str(f.diff(2))) == (True, "f", 0, "f''")
    assert f.diff().diff() == f.diff(2) == EntryFunction("f", 2)
    assert f == elementwise("f") != elementwise("g")
    assert isinstance(f(s), EntryValue) and isinstance(f(A), Elementwise)
    assert f(s**2).diff(s) == 2 * s * f.diff()(s**2)


def test_concrete_functions_are_equal_where_they_are() -> None:
    t = sp.Symbol("u", real=True)
    assert elementwise(sp.tanh) == elementwise(sp.Lambda(t, sp.tanh(t)))
    assert elementwise(sp.tanh) != elementwise(sp.sinh)
    assert elementwise(sp.exp).diff() == elementwise(sp.exp)
    assert not elementwise(sp.exp).is_abstract
    assert elementwise(sp.cos).scalar is sp.cos
    shadowed = elementwise(sp.Lambda(t, t * sp.Symbol("t", real=True)))
    assert shadowed(s) == s * sp.Symbol("t", real=True)  # the fixed variable does not capture a free one


def test_what_is_no_entry_function() -> None:
    a, b = sp.symbols("a b")
    for value in (3, sp.Lambda((a, b), a + b), object()):
        with pytest.raises(TypeError, match="elementwise"):
            elementwise(value)


def test_activations() -> None:
    assert sigmoid(s).diff(s) == sigmoid(s) * (1 - sigmoid(s))
    assert relu(s).diff(s) == step(s)
    assert step(s).diff(s) == 0
    assert [step(sp.Integer(e)) for e in (-2, 3)] == [0, 1]
    assert step(sp.Integer(0)).func is step  # undefined, so it stays
    assert all(function(s).is_real for function in (sigmoid, relu, step))


def test_an_objective() -> None:
    value = J(x, A)
    assert isinstance(value, ObjectiveValue)
    assert (value.function, value.arguments) == (J, (x, A))
    assert value.func(*value.args) == value == pickle.loads(pickle.dumps(value))
    assert value.doit() == value
    assert J(x) * 2 + J(y) == J(y) + 2 * J(x)
    assert objective("J") == J != objective("K")


def test_ones_and_symbols() -> None:
    assert ones(m, n) == sp.OneMatrix(m, n) and ones(n).shape == (n, 1)
    assert vector("x", n) == x and x.shape == (n, 1)
    assert s.is_real


def test_a_thousand_nested_atoms_are_built_and_added() -> None:
    """Sort keys and digests do not walk into the arguments."""
    e: Any = x
    for _ in range(1000):
        e = f(S * e + y)
    assert (e + e).shape == (n, 1)
    assert e.sort_key() == type(e)(*e.args).sort_key()


def test_an_index_within_a_function_is_no_symbol_outside() -> None:
    size, index, variable = dims("K"), sp.Symbol("a", integer=True), sp.Symbol("u", real=True)
    table = sp.IndexedBase("z", shape=(size,))
    weighted = elementwise(sp.Lambda(variable, sp.Sum(table[index] * variable, (index, 0, size - 1))))
    value = weighted(index)
    assert value.free_symbols >= {index}
    assert value.subs(size, 2).doit().expand() == (index * table[0] + index * table[1]).subs(size, 2)
