"""The command: run the experiments that are named, or all, and store what they measured."""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import time
from operator import itemgetter
from pathlib import Path
from typing import Any

from derivations._experiments import digits, global_pooling, padding, pooling, positions
from derivations._experiments.study import Study, document, write

RESULTS = Path(__file__).resolve().parents[1] / "results"
STUDIES: dict[str, Study] = {
    study.id: study for part in (padding, pooling, global_pooling, positions) for study in part.STUDIES
}


def main(arguments: list[str]) -> int:
    """0; or 2 and one line on stderr where an id is not known or a package is missing."""
    parser = argparse.ArgumentParser(prog="python -m derivations._experiments", description=__doc__)
    parser.add_argument("id", nargs="*", help=f"of {', '.join(STUDIES)}; all if none is given")
    chosen = parser.parse_args(arguments).id or list(STUDIES)
    for identifier in chosen:
        if identifier not in STUDIES:
            return _fail(f"no experiment {identifier}; there are {', '.join(STUDIES)}")
    try:
        from threadpoolctl import threadpool_info, threadpool_limits  # noqa: PLC0415  # of the extra `experiments`

        found = digits.load()
    except ImportError as error:
        return _fail(f"{error.name} is missing: pip install -c constraints.txt '.[experiments]'")
    # One thread: the order in which BLAS adds would else depend on how many there are.
    with threadpool_limits(limits=1):
        versions = {"scikit-learn": importlib.metadata.version("scikit-learn"), **_blas(threadpool_info())}
        for identifier in chosen:
            start = time.perf_counter()
            path = write(
                STUDIES[identifier], document(STUDIES[identifier], found, digits.description(), versions), RESULTS
            )
            print(f"{time.perf_counter() - start:6.1f} s  {path.name}", flush=True)
    return 0


def _blas(libraries: list[dict[str, Any]]) -> dict[str, str]:
    """The version of the BLAS that NumPy multiplies with, and the kernels it has chosen for this machine.

    SciPy, which scikit-learn loads, may bring another one.
    """
    blas = [library for library in libraries if library["user_api"] == "blas"]
    of_numpy = [library for library in blas if "numpy" in library["filepath"]] or blas
    return {
        b["internal_api"]: f"{b['version']} ({b['architecture']})" for b in sorted(of_numpy, key=itemgetter("filepath"))
    }


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
