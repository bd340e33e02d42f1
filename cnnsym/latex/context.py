"""The declaration language: `let NAMES : KIND`, `where L = R`; see the documentation of notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import sympy as sp
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from cnnsym.errors import LatexError
from cnnsym.latex.declared import KINDS, MATRIX_PROPERTIES, SIGNS, arguments, made, made_signal, upright
from cnnsym.latex.definitions import defined, defined_by_display
from cnnsym.latex.display import body
from cnnsym.latex.scope import Objective, Scope
from cnnsym.latex.symbols import candidates
from cnnsym.latex.syntax import Node, parse_tokens
from cnnsym.latex.tokens import Source, tokenize


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(Path(__file__).with_name("context.lark").read_text(encoding="utf-8"), parser="lalr", lexer="contextual")


class Context(Scope):
    """What the symbols of a note are; immutable, contexts add up.

    >>> context = Context.read("let m, n : size\\nlet A : matrix(m, n)\\nlet x : vector(n); let f : elementwise")
    >>> context.objects["A"].shape
    (m, n)
    """

    @classmethod
    def read(cls, text: str) -> Context:
        """The context that a text declares. Raises LatexError at the first statement that cannot be read."""
        return cls().extend(text)

    @classmethod
    def of(cls, *objects: Any) -> Context:
        """A context of SymPy objects under their own names: symbols, signals, entry functions, objectives with arguments.

        An objective is given as `(ObjectiveFunction, argument name, ...)`.
        """
        names: dict[str, Any] = {}
        for item in objects:
            if isinstance(item, tuple):
                source = Source(",".join(item[1:]))
                nodes = tuple(node for _, node in _name_nodes(source))
                names[item[0].label] = Objective(item[0], nodes, source)
            elif isinstance(item, sp.Idx):
                names[str(item.label)] = item
            else:
                names[str(getattr(item, "label", None) or item.name)] = item
        return cls(names)

    def extend(self, text: str) -> Context:
        """This context and what `text` adds. Raises LatexError at the first statement that cannot be read."""
        context, errors = self.collect(text)
        if errors:
            raise errors[0]
        return context

    def collect(self, text: str) -> tuple[Context, tuple[LatexError, ...]]:
        """As `extend`, but goes on after an error; the names of a faulty declaration are kept as `faulty`."""
        context, errors = self, []
        for start, end in _statements(text):
            source = Source(text, start, end)
            try:
                context = context._with(source)
            except LatexError as error:
                errors.append(error)
                faulty = dict.fromkeys(_names_if_any(source), error)
                context = replace(context, faulty={**context.faulty, **faulty})
        return context, tuple(errors)

    def define(self, text: str) -> Context:
        """This context and the definitions that a displayed formula states, such as `s = W z + b`."""
        scope = defined_by_display(self, Source(text))
        return replace(self, objects=scope.objects, definitions=scope.definitions)

    def _with(self, source: Source) -> Context:
        tree = _parse(source)
        if tree.data == "definition":
            formula = tree.children[1]
            assert isinstance(formula, Token)
            scope = defined(self, _part(source, formula))
            return replace(self, objects=scope.objects, definitions=scope.definitions)
        context = self
        for declaration in tree.find_data("declaration"):
            context = context._declared(source, declaration)
        return context

    def _declared(self, source: Source, declaration: Tree[Token]) -> Context:
        tokens: list[Token] = list(declaration.children)  # type: ignore[arg-type]
        names, kind, *rest = (t for t in tokens if t.type != "COLON")
        written = rest.pop(0) if rest and rest[0].type == "ARGUMENTS" else None
        at = source.start + (kind.start_pos or 0)
        if kind not in KINDS:
            raise source.error(f"expected one of {', '.join(KINDS)}, got {kind}", at)
        sign = str(rest.pop(0)) if kind in ("integer", "scalar") and rest and rest[0] in SIGNS else None
        given = (source, ()) if kind == "signal" else arguments(source, written)
        objects, hypotheses = dict(self.objects), list(self.hypotheses)
        for name, node in _name_nodes(_part(source, names)):
            if kind == "imaginary":
                if not upright(node):
                    raise source.error("imaginary: expected an upright letter, as in \\mathrm{i}", node.at)
                name = f"\\mathrm{{{name}}}"
            made_here = (
                made_signal(self, source, name, written, at)
                if kind == "signal"
                else made(self, _part(source, names), name, str(kind), given, sign, at)
            )
            if name in objects and objects[name] != made_here:
                raise source.error(f"{name} is already declared as something else", node.at)
            objects[name] = made_here
            hypotheses += [self._property(source, name, made_here, word) for word in rest]
        faulty = {k: v for k, v in self.faulty.items() if k not in objects}
        return replace(self, objects=objects, hypotheses=tuple(dict.fromkeys(hypotheses)), faulty=faulty)

    @staticmethod
    def _property(source: Source, name: str, item: Any, word: Token) -> Any:
        place = source.start + (word.start_pos or 0)
        if isinstance(item, sp.Symbol):
            raise source.error(f"expected one of {', '.join(SIGNS)} after integer or scalar, got {word}", place)
        if word not in MATRIX_PROPERTIES or not isinstance(item, sp.MatrixSymbol):
            raise source.error(f"expected one of {', '.join(MATRIX_PROPERTIES)} after a matrix, got {word}", place)
        if item.shape[0] != item.shape[1]:
            raise source.error(f"{word}: expected a square matrix, {name} is {item.shape[0]} x {item.shape[1]}", place)
        return MATRIX_PROPERTIES[str(word)](item)


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """The places of the statements: one a line; lines that begin with neither `let` nor `where` continue a `where`."""
    start: int | None = None
    end = offset = 0
    for line in text.splitlines(keepends=True):
        content = line.partition("#")[0].rstrip()
        first = offset + len(content) - len(content.lstrip())
        words = content.split(maxsplit=1)
        continues = start is not None and text.startswith("where", start) and words and words[0] not in ("let", "where")
        if words and not continues:
            if start is not None:
                yield start, end
            start = first
        if words:
            end = offset + len(content)
        offset += len(line)
    if start is not None:
        yield start, end


def _parse(source: Source) -> Tree[Token]:
    try:
        return _parser().parse(source.formula)
    except UnexpectedInput as error:
        at = error.pos_in_stream
        at = len(source.formula) if at is None or at < 0 else at
        raise source.error("expected 'let NAMES : KIND' or 'where NAME = FORMULA'", source.start + at) from None


def _part(source: Source, token: Token) -> Source:
    start = source.start + (token.start_pos or 0)
    return body(Source(source.text, start, start + len(token)))


def _name_nodes(source: Source) -> Iterator[tuple[str, Node]]:
    """Canonical names and their trees, from a list separated by commas."""
    if source.start == source.end:
        raise source.error("expected a name", source.start)
    tokens = tokenize(source)
    depth = 0
    chunk: list[Token] = []
    chunks: list[list[Token]] = []
    for token in tokens:
        depth += (token.type in ("LBRACE", "LPAR")) - (token.type in ("RBRACE", "RPAR"))
        if token.type == "COMMA" and depth == 0:
            chunks.append(chunk)
            chunk = []
        else:
            chunk.append(token)
    for part in [*chunks, chunk]:
        at = part[0].start_pos or 0 if part else source.start
        node = parse_tokens(source, part, source.end) if part else None
        name, rest = next(candidates(node), (None, ())) if node is not None else (None, ())
        if name is None or node is None or any(s.kind != "_" and s.kind != "^" for s in rest) or rest:
            raise source.error("expected a name: a letter or a word with subscripts and superscripts", at)
        yield name, node


def _names_if_any(source: Source) -> list[str]:
    """The names that a faulty statement was about, as far as they can be told."""
    words = source.formula.split(maxsplit=1)
    text = source.formula.partition(":" if words and words[0] == "let" else "=")[0]
    start = len(words[0]) if words else 0
    if start >= len(text):
        return []
    try:
        return [
            name for name, _ in _name_nodes(body(Source(source.text, source.start + start, source.start + len(text))))
        ]
    except LatexError:
        return []
