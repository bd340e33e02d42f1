"""Runs in the reader's browser, in Pyodide: answers one request of the worker with one JSON text for each finding.

NumPy is not there: derivations name it for their numeric comparisons, which are not made here. Z3 is there, but is loaded
only when the first question is put to it.
"""

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import types
from pathlib import Path

PROJECT = Path("/project")


class Missing:
    """A name in NumPy: it may be mentioned, as type hints do; any call says that it is not there."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(f"{self._name}.{name}")

    def __getitem__(self, item):
        return self

    def __call__(self, *arguments, **named):
        raise RuntimeError(f"{self._name}: NumPy does not run in the browser")


class WithoutNumpy(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numpy":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = types.ModuleType(spec.name)

        def named(attribute):
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return Missing(f"{spec.name}.{attribute}")

        module.__getattr__ = named
        return module

    def exec_module(self, module):
        pass


def late(name):
    """The module, executed when its first attribute is looked up."""
    spec = importlib.util.find_spec(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


sys.meta_path.insert(0, WithoutNumpy())
late("z3")

# What follows needs both to be in their places.
from cnnsym import prover, solver
from cnnsym.affine_form import solver as affine_solver
from cnnsym.collect import load
from cnnsym.entailment import facts, search
from cnnsym.errors import CnnsymError
from cnnsym.integers import prove as integers
from cnnsym.recheck import recheck, recheck_formula

# What takes a second where the site is built takes several here. The limits of time are longer by as much: they decide only
# when "not decided" is the answer.
SLOWER = 4
for module in (solver, affine_solver, integers, facts, search):
    module.MILLISECONDS *= SLOWER
affine_solver.SECONDS *= SLOWER
_find = prover.find_counterexample


def patiently(*arguments, budget, **named):
    return _find(*arguments, budget=SLOWER * budget, **named)


prover.find_counterexample = patiently


@functools.cache
def loaded(file):
    return load(PROJECT / file)


def answer(request, say):
    """`request`: JSON with `claims` (id, file and, for what the page shows, latex), `lang`, and `latex` where the reader
    has changed the formula. `say` is called with JSON for each finding."""
    asked = json.loads(request)
    for claim in asked["claims"]:
        try:
            one = loaded(claim["file"])
            if asked.get("latex") is None:
                found = recheck(one, claim["id"], asked["lang"], claim.get("latex", ""))
            else:
                found = recheck_formula(one, claim["id"], asked["latex"], asked["lang"])
            for finding in found:
                say(json.dumps(finding | {"claim": claim["id"]}))
        except CnnsymError as error:
            fault = {"part": "link", "id": claim["id"], "claim": claim["id"], "expected": "", "verdict": "error"}
            say(json.dumps(fault | {"ok": False, "text": str(error), "milliseconds": 0}))
