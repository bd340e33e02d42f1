"""Experiments with what the note says from experience: small networks of the NumPy layers, trained on handwritten digits.

    python -m derivations._experiments            writes every derivations/results/ID.json anew, in some minutes
    python -m derivations._experiments ID ...     writes these

The numbers are stored, and read where pages are built; nothing is trained then. Needs the extra `experiments`.
"""
