"""The signal that an expression has no value at a sample."""

from __future__ import annotations


class Undefined(Exception):
    """Division by zero, a logarithm of no positive number, an index outside its array, or an undecided condition.

    A claim speaks of the places where both sides are defined, so such a sample says nothing; it is never an answer.
    """


class NoSize(Undefined):
    """A size that comes out below 1, or not as an integer: these sizes are outside every claim."""
