"""Statements about integers: proved by a solver, tried by enumeration."""

from cnnsym.integers.counting import counted
from cnnsym.integers.enumeration import enumerate_integers
from cnnsym.integers.prove import prove_integers

__all__ = ["counted", "enumerate_integers", "prove_integers"]
