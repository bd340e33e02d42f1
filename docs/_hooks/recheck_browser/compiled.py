"""Runs in Pyodide while the site is built: compiles a tree of Python files for Pyodide's own Python, into one zip archive.

Docstrings go, which saves a third of the size; assertions stay. A file under `kept` stays as it is, for its text is read, with
what was compiled beside it; every other one is replaced.
"""

import ast
import importlib.util
import marshal
import os
import sys
import zipfile
from pathlib import Path

HASH_UNCHECKED = b"\x01\x00\x00\x00"


def bare(tree):
    """The tree without docstrings."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
                node.body[:1] = [] if node.body[1:] else [ast.copy_location(ast.Pass(), first)]
    return tree


def pyc(source, name):
    code = compile(bare(ast.parse(source)), name, "exec", dont_inherit=True)
    return importlib.util.MAGIC_NUMBER + HASH_UNCHECKED + bytes(8) + marshal.dumps(code)


def pack(root, target, kept):
    tag = sys.implementation.cache_tag
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def write(name, data):
            # A fixed date: the same sources make the same archive.
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)

        for folder, folders, files in os.walk(root):
            folders.sort()
            for file in sorted(files):
                path = Path(folder, file)
                name = path.relative_to(root).as_posix()
                data = path.read_bytes()
                if path.suffix != ".py":
                    write(name, data)
                elif kept and name.startswith(kept):
                    write(name, data)
                    write(f"{path.parent.relative_to(root).as_posix()}/__pycache__/{path.stem}.{tag}.pyc", pyc(data, name))
                else:
                    write(f"{name}c", pyc(data, name))
