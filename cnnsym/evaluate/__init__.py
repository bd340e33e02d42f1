"""Exact evaluation at concrete sizes: the decider that refutes. It shares nothing with the one that proves."""

from cnnsym.evaluate.at import evaluate_at
from cnnsym.evaluate.search import Search, find_counterexample

__all__ = ["Search", "evaluate_at", "find_counterexample"]
