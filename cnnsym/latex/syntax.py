"""The syntax tree of a formula, before any symbol has a meaning, and the parser that makes it.

Every node knows its place (`at`, an offset into the text), which equality of trees disregards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

from cnnsym.latex.names import base_name
from cnnsym.latex.tokens import Source, tokenize


@dataclass(frozen=True)
class Node:
    at: int = field(compare=False)


@dataclass(frozen=True)
class Number(Node):
    text: str


@dataclass(frozen=True)
class Name(Node):
    """A letter or a word, without its styling; `roman` where it was set upright, `command` where it was a command."""

    text: str
    roman: bool = field(default=False, compare=False)
    command: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Command(Node):
    """A command that is no symbol: `\\sum`, `\\top`, `\\nabla`, `\\cdots`; also a lone sign in a superscript."""

    text: str


@dataclass(frozen=True)
class Group(Node):
    """Items between brackets; `kind` is the opening one."""

    kind: str
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Script(Node):
    """`kind` is `_`, `^`, `'` or `^\\circ` (an entrywise power)."""

    kind: str
    items: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Scripted(Node):
    base: Node
    scripts: tuple[Script, ...]


@dataclass(frozen=True)
class Fraction(Node):
    above: Node
    below: Node


@dataclass(frozen=True)
class Root(Node):
    body: Node
    degree: Node | None = None


@dataclass(frozen=True)
class Product(Node):
    """Factors side by side; `operators[k]` stands before `factors[k]`, empty where nothing is written."""

    factors: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Term(Node):
    """Products joined by entrywise or Kronecker products."""

    products: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Sum(Node):
    signs: tuple[str, ...]
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Relation(Node):
    """`members[k]` follows `operators[k]`; the first operator is empty unless the row begins with one."""

    members: tuple[Node, ...]
    operators: tuple[Token, ...]


@dataclass(frozen=True)
class Connective(Node):
    """Conditions joined: `kind` is IFF, IMPLIES, OR, AND, or NOT with one part."""

    kind: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Quantified(Node):
    """`\\forall i, j: body`; each of `over` is a name, or a relation that gives one a range."""

    over: tuple[Node, ...]
    body: Node


@dataclass(frozen=True)
class Cases(Node):
    """A case distinction: `values[k]` where `conditions[k]` holds; one value more than conditions with "otherwise"."""

    values: tuple[Node, ...]
    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Mapping(Node):
    variable: Node
    body: Node


def factors_of(node: Node) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    """A node as a list of factors with the operators before them."""
    return (node.factors, node.operators) if isinstance(node, Product) else ((node,), ("",))


def split_scripts(node: Node) -> tuple[Node, tuple[Script, ...]]:
    """A factor as its base and its scripts."""
    return (node.base, node.scripts) if isinstance(node, Scripted) else (node, ())


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in reading order."""
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Node):
            yield item
            stack.extend(getattr(item, f.name) for f in reversed(fields(item)))
        elif isinstance(item, tuple):
            stack.extend(reversed(item))


@v_args(inline=True)
class _TreeBuilder(Transformer[Token, Node]):
    def start(self, statement: Node) -> Node:
        return statement

    def _joined(self, *parts: Any) -> Node:
        if len(parts) == 1:
            return parts[0]
        return Connective(parts[0].at, parts[1].type, parts[::2])

    statement = implication = disjunction = conjunction = _joined

    def negated(self, sign: Token, part: Node) -> Node:
        return Connective(sign.start_pos or 0, "NOT", (part,))

    def relation(self, *parts: Any) -> Node:
        if len(parts) == 1:
            return parts[0]
        empty = Token("REL", "", start_pos=parts[0].at)
        return Relation(parts[0].at, parts[::2], (empty, *parts[1::2]))

    def continued(self, *parts: Any) -> Node:
        return Relation(parts[0].start_pos, parts[1::2], parts[::2])

    def mapping(self, name: Token, _arrow: Token, body: Node) -> Node:
        return Mapping(name.start_pos or 0, self.name(name), body)

    def body(self, *parts: Any) -> tuple[Node, ...]:
        return tuple(part for part in parts if part is not None and not isinstance(part, Token))

    def sum(self, *parts: Any) -> Node:
        at = int(parts[0].start_pos or 0) if isinstance(parts[0], Token) else int(parts[0].at)
        if not isinstance(parts[0], Token):
            if len(parts) == 1:
                return parts[0]
            parts = (Token("SIGN", "+"), *parts)
        return Sum(at, tuple(str(sign) for sign in parts[::2]), parts[1::2])

    def term(self, *parts: Any) -> Node:
        if len(parts) == 1:
            return parts[0]
        return Term(parts[0].at, parts[::2], ("", *(str(operator) for operator in parts[1::2])))

    def product(self, *parts: Any) -> Node:
        if len(parts) == 1:
            return parts[0]
        factors, operators, operator = [], [], ""
        for part in parts:
            if isinstance(part, Token):
                operator = str(part)
            else:
                factors.append(part)
                operators.append(operator)
                operator = ""
        return Product(factors[0].at, tuple(factors), tuple(operators))

    def factor(self, base: Node, *scripts: Script) -> Node:
        if not scripts:
            return base
        if isinstance(base, Scripted):
            return Scripted(base.at, base.base, base.scripts + scripts)
        return Scripted(base.at, base, scripts)

    def script(self, mark: Token, argument: tuple[Node, ...] = ()) -> Script:
        return Script(mark.start_pos or 0, str(mark), argument)

    def entrywise(self, mark: Token, _open: Token, operator: Token, power: Node, _close: Token) -> Script:
        return Script(mark.start_pos or 0, "^" + str(operator), (power,))

    def argument(self, *parts: Any) -> tuple[Node, ...]:
        """As a body: the items between the braces, or the single token."""
        inner = parts[1] if len(parts) == 3 else parts[0]
        if not isinstance(inner, Token):
            return inner
        if inner.type == "NUM":
            return (self.number(inner),)
        return (self.name(inner),) if inner.type == "NAME" else (self.command(inner),)

    def number(self, token: Token) -> Node:
        return Number(token.start_pos or 0, str(token))

    def name(self, token: Token) -> Name:
        text = str(token)
        return Name(token.start_pos or 0, base_name(text), text.startswith("\\mathrm"), text.startswith("\\"))

    def command(self, token: Token) -> Node:
        return Command(token.start_pos or 0, str(token))

    def group(self, opening: Token, items: tuple[Node, ...], _closing: Token) -> Node:
        kind = {"\\lbrace": "\\{", "\\vert": "|", "\\lvert": "|", "\\Vert": "\\|", "\\lVert": "\\|"}.get(
            opening, str(opening)
        )
        if len(items) == 1:
            (only,) = items
            single = not isinstance(only, (Sum, Term, Product, Relation, Connective, Quantified, Mapping))
            if kind == "{" and single:  # superfluous braces
                return only
            if kind in "({" and isinstance(only, Group) and only.kind in "({":
                return replace(only, kind=kind) if only.kind == "{" else only
        return Group(opening.start_pos or 0, kind, items)

    def case(self, value: Node, mark: Token, condition: Node | None = None) -> tuple[Token, Node, Node | None]:
        return mark, value, condition

    def cases(self, opening: Token, *parts: Any) -> Node:
        rows = [part for part in parts if isinstance(part, tuple)]
        values, conditions = tuple(value for _, value, _ in rows), tuple(c for _, _, c in rows if c is not None)
        if any(c is None for _, _, c in rows[:-1]):
            first = next(mark for mark, _, c in rows if c is None)
            raise UnexpectedToken(first, {"WHEN"})  # type: ignore[no-untyped-call]
        return Cases(opening.start_pos or 0, values, conditions)

    def quantified(self, mark: Token, *parts: Any) -> Node:
        (*over, body) = (part for part in parts if not isinstance(part, Token))
        return Quantified(mark.start_pos or 0, tuple(over), body)

    def fraction(self, mark: Token, above: tuple[Node, ...], below: tuple[Node, ...]) -> Node:
        return Fraction(mark.start_pos or 0, _single(mark, above), _single(mark, below))

    def root(self, mark: Token, *parts: Any) -> Node:
        bodies = [part for part in parts if isinstance(part, tuple)]
        degree = _single(mark, bodies[0]) if len(bodies) == 2 else None
        return Root(mark.start_pos or 0, _single(mark, bodies[-1]), degree)


def _single(mark: Token, items: tuple[Node, ...]) -> Node:
    return items[0] if len(items) == 1 else Group(mark.start_pos or 0, "(", items)


class _TokenStream(Lexer):
    """Hands the parser the tokens it is given."""

    def __init__(self, _conf: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(data)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_TokenStream, transformer=_TreeBuilder())


_EXPECTED = {
    "RBRACE": "}",
    "RPAR": ")",
    "RBRACKET": "]",
    "RSET": "\\}",
    "RBAR": "|",
    "RNORM": "\\|",
    "RFLOOR": "\\rfloor",
    "RCEIL": "\\rceil",
    "WHEN": "& and a condition",
    "LBRACE": "{",
}


def parse_tokens(source: Source, tokens: Sequence[Token], end: int | None = None) -> Node:
    """The tree of one link of a chain. Raises LatexError at the first token that does not fit."""
    try:
        return _parser().parse(list(tokens))  # type: ignore[return-value]
    except UnexpectedToken as error:
        token = error.token
        closing = sorted(_EXPECTED[name] for name in error.accepts or error.expected if name in _EXPECTED)
        operand = "NAME" in (error.accepts or error.expected)
        wanted = "an expression" if operand and "REL" not in (error.accepts or ()) else "an operator or an expression"
        if closing and not operand:
            wanted = " or ".join(closing)
        if token.type == "$END":
            at = end if end is not None else (source.end if source.end is not None else len(source.text))
            came = "the end of the formula"
        else:
            at, came = token.start_pos or 0, str(token)
        raise source.error(f"expected {wanted}, got {came}", at) from None


def parse(source: Source) -> Node:
    """The tree of one formula without rows."""
    return parse_tokens(source, tokenize(source))
