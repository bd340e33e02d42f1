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

from cnnsym.claim import Claim, Derivation
from cnnsym.errors import ClaimError


@dataclass(frozen=True)
class Collected:
    """A derivation as it was found: where, and the lemmas its claims may name."""

    path: Path
    derivation: Derivation
    lemmas: Mapping[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True)
class Selected:
    """A claim to be judged, and the ids of those of its links that were asked for."""

    collected: Collected
    claim: Claim
    links: tuple[str, ...]


def find_derivations(start: Path) -> Path:
    """The folder `derivations` in `start` or the nearest folder above it; ClaimError if there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "derivations").is_dir():
            return folder / "derivations"
    raise ClaimError(f"no folder named derivations in {start} or above it; name a path")


def derivation_files(path: Path) -> tuple[Path, ...]:
    """The derivation modules at a path: the file itself, or the `*.py` of a folder but for tests and names with `_`."""
    if path.is_dir():
        return tuple(f for f in sorted(path.glob("*.py")) if not re.match(r"_|test_|conftest\.py$", f.name))
    if path.suffix == ".py" and path.is_file():
        return (path,)
    if path.exists():
        raise ClaimError(f"{path}: expected a derivation module (.py) or a folder of them")
    raise ClaimError(f"{path}: no such file or folder")


def collect(paths: Iterable[Path]) -> tuple[Collected, ...]:
    """Load every derivation of the paths; ClaimError for the first that is broken and for an id used twice."""
    files = dict.fromkeys(file.resolve() for path in paths for file in derivation_files(path))
    collected = tuple(load(file) for file in files)
    owner: dict[str, Claim] = {}
    for claim in claims(collected):
        for identifier in _ids(claim):
            if (other := owner.setdefault(identifier, claim)) is not claim:
                raise ClaimError(
                    f"{claim.file}:{claim.line}: the id {identifier} is used twice, first at {other.file}:{other.line}"
                )
    return collected


def claims(collected: Iterable[Collected]) -> Iterator[Claim]:
    """All claims, in the order of the files and of the claims in each."""
    for one in collected:
        yield from one.derivation.claims


def load(path: Path) -> Collected:
    """Import one derivation module and fill in the file and line of each of its claims.

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
    lemmas = {claim.id: claim for claim in placed if claim.lemma is not None}
    return Collected(path, replace(derivation, file=shown, claims=placed), lemmas)


def select(collected: Iterable[Collected], patterns: Iterable[str]) -> tuple[Selected, ...]:
    """The claims whose id, or the id of one of whose links, is a pattern or matches it (`5.1-*`); all without patterns.

    A pattern that nothing matches is a ClaimError, which names the ids that come near.
    """
    patterns = tuple(patterns) or ("*",)
    everything = [(one, claim) for one in collected for claim in one.derivation.claims]
    for pattern in patterns:
        if pattern != "*" and not any(_match(identifier, pattern) for _, c in everything for identifier in _ids(c)):
            raise ClaimError(unknown_id(pattern, [identifier for _, c in everything for identifier in _ids(c)]))
    selected = []
    for one, claim in everything:
        links = tuple(i for i, _, _ in claim.links if any(_match(i, p) or _match(claim.id, p) for p in patterns))
        if links:
            selected.append(Selected(one, claim, links))
    return tuple(selected)


def find_label(docs: Path, identifier: str) -> tuple[str, ...]:
    """The places `FILE.md#ID` under a folder of pages where a formula carries the label."""
    label = re.compile(r"\\(?:label|tag)\{\s*" + re.escape(identifier) + r"\s*\}")
    pages = sorted(docs.rglob("*.md")) if docs.is_dir() else []
    return tuple(
        f"{displayed(page)}#{identifier}" for page in pages if label.search(page.read_text("utf-8", errors="replace"))
    )


def displayed(path: Path) -> str:
    """A path as it is shown: relative to the current folder where it lies below it."""
    path, here = path.resolve(), Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _import(path: Path, shown: str) -> ModuleType:
    name = f"_cnnsym_derivation_{re.sub(r'[^0-9a-zA-Z]', '_', os.fspath(path.resolve()))}"
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
    """The line of each text that can be an id: in a `Claim`, else as a first argument, else anywhere."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    of_claims = [call for call in calls if ast.unparse(call.func).endswith("Claim")]
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


def _ids(claim: Claim) -> tuple[str, ...]:
    return tuple(dict.fromkeys((claim.id, *(identifier for identifier, _, _ in claim.links))))


def _match(identifier: str, pattern: str) -> bool:
    return identifier == pattern or fnmatch.fnmatchcase(identifier, pattern)


def unknown_id(pattern: str, known: Iterable[str]) -> str:
    """What to say of an id that nobody has: the ids that come near, where there are such."""
    known = list(known)
    near = difflib.get_close_matches(pattern, known, n=3, cutoff=0.5)
    hint = f"; did you mean {', '.join(near)}?" if near else f"; there are {len(known)}, see `cnnsym list`"
    return f"no claim {pattern}{hint}"
