"""Keeps the reports of judged claims between runs, so that what has not changed is not judged again.

There is one file for each derivation module, of two lines of JSON. The head says what the body was made from: its
`fingerprint` covers the module, every file of the project that it imports, the whole source of cnnsym, and the versions of
Python and of the libraries that decide. The body holds the listing of the module and the finished reports; the head has its
digest. A file that is damaged, foreign or of another format is never trusted: one warning names it, and it is replaced.

Nothing is stored that could be older than what it was made from: not where a file was changed after the run had begun, not
where the source of cnnsym was changed about the time that it was imported. What a derivation reads from files other than its
imports is not seen here.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import os
import platform
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

from cnnsym.collect import DERIVATION_MODULE, project_of

FORMAT = 1
_PACKAGE = Path(__file__).resolve().parent
_DECIDING = ("sympy", "numpy", "z3-solver", "mpmath", "lark")
_IMPORTED = time.time()  # source that is changed later is not what this process runs
_MARGIN = 10.0  # seconds that the import of cnnsym may have taken before that

Data = dict[str, Any]


class Cache:
    """A folder of kept reports. `warn` is called with what is wrong with it, once for each file."""

    def __init__(self, folder: Path, warn: Callable[[str], None], package: Path = _PACKAGE) -> None:
        self.begun = time.time()
        self._folder, self._warn, self._package = folder, warn, package
        self._source = _tree(package)
        self._shelves: dict[Path, Shelf] = {}
        self._warned: set[Path] = set()

    def shelf(self, path: Path) -> Shelf:
        """What is kept of the derivation module at `path`."""
        path = path.resolve()
        if path not in self._shelves:
            name = f"{path.stem}-{_digest(str(path).encode())[:12]}.jsonl"
            self._shelves[path] = Shelf(self, path, self._folder / name)
        return self._shelves[path]

    def save(self) -> None:
        """Write what is new. That the folder cannot be written is one warning."""
        newest = max(file.stat().st_mtime for file in _sources(self._package))
        if newest > _IMPORTED - _MARGIN or _tree(self._package) != self._source:
            return
        try:
            for shelf in self._shelves.values():
                shelf.save()
        except OSError as error:
            self.warn(self._folder, f"cannot be written: {error.strerror or error}")

    def warn(self, place: Path, fault: str) -> None:
        """Tell what is wrong with a file or the folder, unless it was told already."""
        if place not in self._warned:
            self._warned.add(place)
            self._warn(f"{place}: {fault}; it is ignored")

    def fingerprint(self, path: Path, needs: Iterable[str], packages: Iterable[str]) -> str:
        """A digest of everything that a report on a claim of the module may depend on; empty where it cannot be told.

        `needs` are further files of the project that the module imports, `packages` further distributions.
        """
        files = [path, *map(Path, sorted(needs))]
        try:
            parts = {
                "format": FORMAT,
                "source": self._source,
                "versions": [[name, _version(name)] for name in (*_DECIDING, *sorted(packages))],
                "python": [sys.version, platform.machine(), platform.system()],
                "here": os.getcwd(),  # reports show paths relative to it
                "files": [[str(file), _digest(file.read_bytes())] for file in files],
            }
        except (OSError, PackageNotFoundError):
            return ""
        return _digest(json.dumps(parts).encode())


class Shelf:
    """What is kept of one derivation module. `entries` is its listing as plain data, None where it has to be loaded."""

    def __init__(self, cache: Cache, path: Path, file: Path) -> None:
        self.entries: list[Data] | None = None
        self._cache, self._path, self._file = cache, path, file
        self._reports: dict[str, Data] = {}
        self._needs: list[str] = []
        self._packages: list[str] = []
        self._fingerprint, self._changed = "", False
        self._before = _digest(
            path.read_bytes()
        )  # before it is imported: a digest must not be newer than what it is of
        if found := self._read():
            head, body = found
            self._needs, self._packages, self._fingerprint = head["needs"], head["packages"], head["fingerprint"]
            self.entries, self._reports = body["entries"], body["reports"]

    def loaded(self, entries: list[Data]) -> None:
        """Start anew with a listing. To be called when the module has just been imported in this process."""
        self.entries, self._reports, self._changed = entries, {}, True
        self._needs = _imported_files(self._path)
        self._packages = _imported_packages((self._path, *map(Path, self._needs)))
        self._fingerprint = self._cache.fingerprint(self._path, self._needs, self._packages)

    def find(self, key: tuple[Any, ...]) -> Data | None:
        """The report that was kept under a key."""
        return self._reports.get(json.dumps(key))

    def keep(self, key: tuple[Any, ...], report: Data) -> None:
        """Remember a finished report."""
        self._reports[json.dumps(key)] = report
        self._changed = True

    def distrust(self) -> None:
        """What was read makes no sense: forget it, and say so."""
        self._cache.warn(self._file, "it holds something else than reports")
        self._reports, self._changed = {}, True

    def save(self) -> None:
        """Write what is new, together with what another process found out meanwhile about the same."""
        if not self._changed or not self._fingerprint or self.entries is None or not self._is_settled():
            return
        others = self._read(quietly=True)
        reports = {**(others[1]["reports"] if others else {}), **self._reports}
        body = json.dumps({"entries": self.entries, "reports": reports}, ensure_ascii=False)
        head = {
            "format": FORMAT,
            "path": str(self._path),
            "fingerprint": self._fingerprint,
            "needs": self._needs,
            "packages": self._packages,
            "digest": _digest(body.encode()),
        }
        folder = self._file.parent
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / ".gitignore", "*\n")
        _write(self._file, f"{json.dumps(head)}\n{body}\n")
        self._changed = False

    def _is_settled(self) -> bool:
        """Whether the module and what it imports are still what they were when the run began."""
        files = [self._path, *map(Path, self._needs)]
        return (
            max(file.stat().st_mtime for file in files) < self._cache.begun
            and _digest(self._path.read_bytes()) == self._before
            and self._cache.fingerprint(self._path, self._needs, self._packages) == self._fingerprint
        )

    def _read(self, quietly: bool = False) -> tuple[Data, Data] | None:
        """Head and body of the file, where they are whole and made from what is there now."""
        try:
            first, _, rest = self._file.read_bytes().partition(b"\n")
            head = json.loads(first)
            if head["format"] != FORMAT:
                fault = f"its format is {head['format']!r}, expected {FORMAT}"
            elif head["path"] != str(self._path):
                fault = f"it belongs to {head['path']!r}"
            elif head["digest"] != _digest(rest.removesuffix(b"\n")):
                fault = "it is damaged, for its content does not have the digest that it states"
            else:
                if self._cache.fingerprint(self._path, head["needs"], head["packages"]) != head["fingerprint"]:
                    return None  # made from something else: nothing wrong with that
                body = json.loads(rest)
                body["entries"], body["reports"].items()
                return head, body
        except FileNotFoundError:
            return None
        except OSError as error:
            fault = f"it cannot be read ({error.strerror or error})"
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            fault = "it is damaged or no file of this cache"
        if not quietly:
            self._cache.warn(self._file, fault)
        return None


_version = functools.cache(version)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sources(package: Path) -> list[Path]:
    return sorted(file for pattern in ("*.py", "*.lark") for file in package.rglob(pattern))


def _tree(package: Path) -> str:
    """A digest of all Python and grammar files of a folder."""
    files = [[file.relative_to(package).as_posix(), _digest(file.read_bytes())] for file in _sources(package)]
    return _digest(json.dumps(files).encode())


def _write(file: Path, text: str) -> None:
    """Write a file in one piece: who reads it meanwhile sees the old one or the new one."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def _imported_files(path: Path) -> list[str]:
    """The files of the project, derivations apart, that are imported by now: at least all that the module imports."""
    project = project_of(path)
    installed = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")]
    found = set()
    for name, module in list(sys.modules.items()):
        place = getattr(module, "__file__", None)
        if not isinstance(place, str) or name.startswith(DERIVATION_MODULE):
            continue
        file = Path(place).resolve()
        apart = any(file.is_relative_to(folder) for folder in (*installed, _PACKAGE))
        if file.is_relative_to(project) and not apart and file.is_file():
            found.add(str(file))
    return sorted(found)


def _imported_packages(files: tuple[Path, ...]) -> list[str]:
    """The distributions of what the files import, but for the standard library, cnnsym and those always counted.

    A name of no distribution stands for itself, and then nothing is kept, unless it is a file or folder of the project.
    """
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    project = project_of(files[0])
    own = {part.removesuffix(".py") for file in files for part in file.relative_to(project).parts}
    names -= own | {"cnnsym", "sympy", "numpy", "mpmath", "lark", "z3"} | sys.stdlib_module_names
    known = packages_distributions() if names else {}
    return sorted({distribution for name in names for distribution in known.get(name, [name])})
