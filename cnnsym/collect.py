"""Finds claims: loads the modules of `derivations/` without registering anything, and selects claims by id.

A derivation module is imported by its path, under a private name. It has an attribute `DERIVATION`.
"""

from __future__ import annotations

import ast
import difflib
import fnmatch
import importlib.util
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from cnnsym.claim import Claim, Derivation, Experiment, Text
from cnnsym.errors import ClaimError

DERIVATION_MODULE = "_cnnsym_derivation_"  # with it begin the private names of derivation modules


@dataclass(frozen=True)
class Collected:
    """A derivation as it was found: where, and the lemmas its claims may name."""

    path: Path
    derivation: Derivation
    lemmas: Mapping[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A claim or an experiment as it can be asked for by its id. Plain data: it can be kept, and cross processes.

    `links` are the ids of the equalities that are asked for. `results` is the file with the numbers of an experiment, and
    `command` what makes them; both are empty for a claim.
    """

    path: str
    id: str
    title: Text
    file: str
    line: int
    links: tuple[str, ...]
    results: str = ""
    command: str = ""

    @property
    def is_experiment(self) -> bool:
        return bool(self.results)


def find_derivations(start: Path) -> Path:
    """The folder `derivations` in `start` or the nearest folder above it; ClaimError if there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "derivations").is_dir():
            return folder / "derivations"
    raise ClaimError(f"no folder named derivations in {start} or above it; name a path")


def project_of(path: Path) -> Path:
    """The folder of the project that a derivation module, or a folder of them, belongs to.

    It is the one that holds the nearest folder named `derivations`; where there is none, the folder the module lies in.
    """
    path = path.resolve()
    for folder in (path, *path.parents):
        if folder.name == "derivations" and folder.is_dir():
            return folder.parent
    return path if path.is_dir() else path.parent


def derivation_files(path: Path) -> tuple[Path, ...]:
    """The derivation modules at a path: the file itself, or every `*.py` in and below a folder but for tests and names
    with `_`."""
    if path.is_dir():
        return tuple(f for f in sorted(path.rglob("*.py")) if not _is_private(f.relative_to(path)))
    if path.suffix == ".py" and path.is_file():
        return (path,)
    if path.exists():
        raise ClaimError(f"{path}: expected a derivation module (.py) or a folder of them")
    raise ClaimError(f"{path}: no such file or folder")


def every_file(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The derivation modules at several paths, each once."""
    return tuple(dict.fromkeys(file.resolve() for path in paths for file in derivation_files(path)))


def collect(paths: Iterable[Path]) -> tuple[Collected, ...]:
    """Load every derivation of the paths; ClaimError for the first that is broken and for an id used twice."""
    collected = tuple(load(file) for file in every_file(paths))
    unique(entry for one in collected for entry in entries(one))
    return collected


def entries(one: Collected) -> tuple[Entry, ...]:
    """What can be asked for in a derivation: its claims, then its experiments."""
    path = str(one.path)
    listed = [
        Entry(path, c.id, c.title, c.file, c.line, tuple(i for i, _, _ in c.links)) for c in one.derivation.claims
    ]
    for e in one.derivation.experiments:
        listed.append(Entry(path, e.id, e.title, e.file, e.line, (e.id,), str(results_file(one.path, e)), e.command))
    return tuple(listed)


def results_file(path: Path, experiment: Experiment) -> Path:
    """Where the numbers of an experiment stand; its `results` is relative to the derivation module at `path`."""
    return (path.parent / experiment.results).resolve()


def unique(listed: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same entries; ClaimError for an id that stands twice."""
    owner: dict[str, Entry] = {}
    for entry in listed:
        for identifier in _ids(entry):
            if (other := owner.setdefault(identifier, entry)) is not entry:
                raise ClaimError(
                    f"{entry.file}:{entry.line}: the id {identifier} is used twice, first at {other.file}:{other.line}"
                )
    return tuple(dict.fromkeys(owner.values()))


def claims(collected: Iterable[Collected]) -> Iterator[Claim]:
    """All claims, in the order of the files and of the claims in each."""
    for one in collected:
        yield from one.derivation.claims


def load(path: Path) -> Collected:
    """Import one derivation module and fill in the file and line of each of its claims and experiments.

    ClaimError names the file and the line of whatever keeps it from being imported.
    """
    shown = displayed(path)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(f"{shown}: cannot be read: {error}") from error
    module = _import(path, shown)
    derivation = getattr(module, "DERIVATION", None)
    if not isinstance(derivation, Derivation):
        found = "none" if derivation is None else type(derivation).__name__
        raise ClaimError(f"{shown}: expected DERIVATION to be a Derivation, found {found}")
    lines = _lines_of_ids(ast.parse(source))
    placed = tuple(replace(claim, file=shown, line=lines.get(claim.id, 1)) for claim in derivation.claims)
    measured = tuple(replace(e, file=shown, line=lines.get(e.id, 1)) for e in derivation.experiments)
    lemmas = {claim.id: claim for claim in placed if claim.lemma is not None}
    return Collected(path, replace(derivation, file=shown, claims=placed, experiments=measured), lemmas)


def select(listed: Iterable[Entry], patterns: Iterable[str]) -> tuple[Entry, ...]:
    """The entries whose id, or the id of one of whose links, is a pattern or matches it (`5.1-*`); all without patterns.

    A pattern that nothing matches is a ClaimError, which names the ids that come near.
    """
    patterns, listed = tuple(patterns) or ("*",), tuple(listed)
    known = [identifier for entry in listed for identifier in _ids(entry)]
    for pattern in patterns:
        if pattern != "*" and not any(_match(identifier, pattern) for identifier in known):
            raise ClaimError(unknown_id(pattern, known))
    selected = []
    for entry in listed:
        links = tuple(i for i in entry.links if any(_match(i, p) or _match(entry.id, p) for p in patterns))
        if links:
            selected.append(replace(entry, links=links))
    return tuple(selected)


def find_label(docs: Path, identifier: str) -> tuple[str, ...]:
    """The places `FILE.md#ID` under a folder of pages where a formula carries the label, or the experiment is shown."""
    name = re.escape(identifier)
    label = re.compile(rf"\\(?:label|tag)\{{\s*{name}\s*\}}|<!--\s*cnnsym:\s*experiment\s+{name}\s*-->")
    pages = sorted(docs.rglob("*.md")) if docs.is_dir() else []
    return tuple(
        f"{displayed(page)}#{identifier}" for page in pages if label.search(page.read_text("utf-8", errors="replace"))
    )


def displayed(path: Path) -> str:
    """A path as it is shown: relative to the current folder where it lies below it."""
    path, here = path.resolve(), Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _import(path: Path, shown: str) -> ModuleType:
    name = f"{DERIVATION_MODULE}{re.sub(r'[^0-9a-zA-Z]', '_', os.fspath(path.resolve()))}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ClaimError(f"{shown}: not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while they are defined
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        where = f"{shown}:{_line_of_fault(error, path)}"
        raise ClaimError(f"{where}: {type(error).__name__}: {error}") from error
    return module


def _line_of_fault(error: BaseException, path: Path) -> int:
    if isinstance(error, SyntaxError) and error.lineno and Path(error.filename or "") == path:
        return error.lineno
    frames = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
    return (frames[-1] if frames else None) or 1


def _lines_of_ids(tree: ast.Module) -> dict[str, int]:
    """The line of each text that can be an id: in a `Claim` or an `Experiment`, else as a first argument, else anywhere."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    of_claims = [call for call in calls if ast.unparse(call.func).endswith(("Claim", "Experiment"))]
    arguments = [
        argument
        for call in (*of_claims, *calls)
        for argument in (*(k.value for k in call.keywords if k.arg == "id"), *call.args[:1])
    ]
    lines: dict[str, int] = {}
    for node in (*arguments, *ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            lines.setdefault(node.value, node.lineno)
    return lines


def _is_private(path: Path) -> bool:
    """Whether a path within a folder of derivations is none: shared or hidden modules, tests, what Python writes."""
    return any(part.startswith(("_", ".")) for part in path.parts) or bool(re.match(r"test_|conftest\.py$", path.name))


def _ids(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((entry.id, *entry.links)))


def _match(identifier: str, pattern: str) -> bool:
    return identifier == pattern or fnmatch.fnmatchcase(identifier, pattern)


def unknown_id(pattern: str, known: Iterable[str]) -> str:
    """What to say of an id that nobody has: the ids that come near, where there are such."""
    known = list(known)
    near = difflib.get_close_matches(pattern, known, n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else f"; there are {len(known)}, see `cnnsym list`"
    return f"no claim {pattern}{hint}"
