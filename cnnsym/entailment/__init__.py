"""What follows from statements with quantifiers about integers, reals, signals and abstract functions."""

from cnnsym.entailment.facts import Facts
from cnnsym.entailment.prove import in_plain_integers, prove_entailment
from cnnsym.entailment.search import DRAWS, search_models

__all__ = ["DRAWS", "Facts", "in_plain_integers", "prove_entailment", "search_models"]
