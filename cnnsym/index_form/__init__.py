"""The canonical index form: the decider that proves, for all sizes."""

from cnnsym.index_form.equality import Difference, difference
from cnnsym.index_form.rules import Lemma

__all__ = ["Difference", "Lemma", "difference"]
