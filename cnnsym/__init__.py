"""Matrix calculus for neural networks on SymPy, with machine-checked identities."""
