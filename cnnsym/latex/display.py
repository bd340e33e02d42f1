"""The layout of a displayed formula: environments, rows, labels, formulas side by side, and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lark import Token

from cnnsym.latex.case_rows import environment
from cnnsym.latex.syntax import Node, parse_tokens
from cnnsym.latex.tokens import Source, tokenize

_ROWS = frozenset(
    """align alignat aligned alignedat gather gathered multline equation split displaymath math eqnarray""".split()
)
_FENCES = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_OPENING = frozenset("LBRACE LPAR LBRACKET LSET LBAR LNORM LFLOOR LCEIL LEVAL LCASES".split())
_CLOSING = frozenset("RBRACE RPAR RBRACKET RSET RBAR RNORM RFLOOR RCEIL REVAL RCASES".split())
_JOINS_CONDITIONS = frozenset("IFF IMPLIES OR AND".split())
_JOINS_NEXT = frozenset("REL SIGN TIMES MATOP NOT".split()) | _JOINS_CONDITIONS
_JOINS_PREVIOUS = frozenset("SIGN TIMES MATOP".split())


@dataclass
class Row:
    """One row: its formulas, its conditions (after "s.t." or "for", or with ∈), its label."""

    formulas: list[Node] = field(default_factory=list)
    conditions: list[Node] = field(default_factory=list)
    label: str | None = None


def body(source: Source) -> Source:
    """A formula without the dollar signs or brackets around it."""
    text = source.formula
    start = source.start + len(text) - len(text.lstrip())
    end = source.start + len(text.rstrip())
    for opening, closing in _FENCES:
        inner = source.text[start:end]
        if inner.startswith(opening) and inner.endswith(closing) and len(inner) >= len(opening) + len(closing):
            return Source(source.text, start + len(opening), end - len(closing))
    return Source(source.text, start, end)


def rows(source: Source) -> list[Row]:
    """The rows of a displayed formula. Raises LatexError with the place."""
    source = body(source)
    end = source.end if source.end is not None else len(source.text)
    return [_row(source, tokens, end) for tokens in _joined(list(_split_rows(source, tokenize(source))))]


def _split_rows(source: Source, tokens: list[Token]) -> Iterator[list[Token]]:
    row: list[Token] = []
    lines: list[str] = []
    for token in tokens:
        if token.type == "BEGIN":
            name = environment(token)
            if name not in _ROWS:
                raise source.error(f"the environment {name} is not supported", token.start_pos or 0)
            lines.append(name)
        elif token.type == "END":
            name = environment(token)
            if lines.pop() != name:
                raise source.error(f"expected the end of another environment, got {token}", token.start_pos or 0)
        elif token.type == "ROW":
            if "multline" not in lines:
                yield row
                row = []
        else:
            row.append(token)
    yield row


def _joined(rows_: list[list[Token]]) -> list[list[Token]]:
    """Rows that only continue the expression before them, joined to it."""
    result: list[list[Token]] = []
    for row in rows_:
        previous = [t for t in result[-1] if t.type != "LABEL"] if result else []
        mine = [t for t in row if t.type != "LABEL"]
        if mine and previous:
            continues = mine[0].type in _JOINS_PREVIOUS and all(t.type != "REL" for t in mine)
            continues = continues or mine[0].type in _JOINS_CONDITIONS
            if previous[-1].type in _JOINS_NEXT or (continues and previous[-1].type not in ("COMMA", "STOP")):
                result[-1] = result[-1] + row
                continue
        result.append(row)
    return result


def _row(source: Source, tokens: list[Token], end: int) -> Row:
    row = Row()
    chunk: list[Token] = []
    depth, conditional, quantified = 0, False, False

    def finish(at: int) -> None:
        nonlocal chunk
        if chunk and chunk[-1].type == "STOP":
            chunk = chunk[:-1]
        if chunk:
            ranges = any(t.type == "REL" and t in ("\\in", "\\notin") for t in _outside(chunk))
            is_condition = conditional or (ranges and all(t.type != "FORALL" for t in chunk))
            (row.conditions if is_condition else row.formulas).append(parse_tokens(source, chunk, at))
        chunk = []

    for token in tokens:
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        at = token.start_pos or 0
        if token.type == "LABEL":
            row.label = str(token)
        elif token.type in ("FORALL", "COLON") and depth == 0:
            quantified = token.type == "FORALL"
            chunk.append(token)
        elif depth == 0 and (token.type == "CONDITION" or token == "\\forall"):
            if str(token).lower() == "or":
                raise source.error("expected \\lor instead of a word", at)
            finish(at)
            conditional = conditional or str(token).lower() != "and"
        elif depth == 0 and token.type == "COMMA" and not quantified:
            finish(at)
        else:
            chunk.append(token)
    finish(end)
    return row


def _outside(tokens: list[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        if depth == 0:
            yield token
