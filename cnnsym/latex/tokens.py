"""LaTeX text as tokens that carry meaning: layout is dropped, brackets are paired, digits are split as TeX splits them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lark import Lark, Token
from lark.exceptions import UnexpectedInput

from cnnsym.errors import LatexError
from cnnsym.latex.case_rows import marked_rows
from cnnsym.latex.vocabulary import (
    ACCENTS,
    CASE_WORDS,
    CONNECTIVES,
    FUNCTIONS,
    GREEK,
    IGNORED,
    OPERATORS,
    RELATIONS,
    STYLES,
)

MAX_CHARACTERS = 20_000
MAX_DEPTH = 500
MAX_DIGITS = 300


@dataclass(frozen=True)
class Source:
    """A text and where a formula stands in it; errors are placed in the whole text."""

    text: str
    start: int = 0
    end: int | None = None

    @property
    def formula(self) -> str:
        return self.text[self.start : self.end]

    def place(self, at: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset into the text."""
        before = self.text[: max(0, min(at, len(self.text)))]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    def error(self, message: str, at: int) -> LatexError:
        return LatexError(message, self.text, *self.place(at))


@lru_cache(maxsize=1)
def _lexer() -> Lark:
    grammar = Path(__file__).with_name("tokens.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic")


_OPEN = {
    "{": "LBRACE",
    "(": "LPAR",
    "[": "LBRACKET",
    "\\{": "LSET",
    "\\lbrace": "LSET",
    "\\lfloor": "LFLOOR",
    "\\lceil": "LCEIL",
}
_CLOSE = {
    "}": "RBRACE",
    ")": "RPAR",
    "]": "RBRACKET",
    "\\}": "RSET",
    "\\rbrace": "RSET",
    "\\rfloor": "RFLOOR",
    "\\rceil": "RCEIL",
}
_LEFT_BARS = {"\\lvert": "LBAR", "\\lVert": "LNORM"}
_RIGHT_BARS = {"\\rvert": "RBAR", "\\rVert": "RNORM"}
_BARS = {"|": "BAR", "\\vert": "BAR", "\\|": "NORM", "\\Vert": "NORM"}
_SHOWN = {
    "LBRACE": "{",
    "LPAR": "(",
    "LBRACKET": "[",
    "LSET": "\\{",
    "LFLOOR": "\\lfloor",
    "LCEIL": "\\lceil",
    "LCASES": "\\begin{cases}",
    "LBAR": "|",
    "LNORM": "\\|",
    "LEVAL": "\\left.",
}
_BOLD = {"\\boldsymbol", "\\mathbf", "\\bm", "\\pmb"}
_ENDS_OPERAND = {
    "NUM",
    "NAME",
    "COMMAND",
    "TOP",
    "PRIME",
    "RBRACE",
    "RPAR",
    "RBRACKET",
    "RSET",
    "RBAR",
    "RNORM",
    "RFLOOR",
    "RCEIL",
    "RCASES",
}


def tokenize(source: Source) -> list[Token]:
    """The tokens of a formula; `at` (the offset into the whole text) is each token's `start_pos`.

    Raises LatexError for a character that is no mathematics, for brackets that do not match, and beyond the limits.
    """
    if len(source.formula) > MAX_CHARACTERS:
        raise source.error(
            f"the formula has {len(source.formula)} characters; the limit is {MAX_CHARACTERS}", source.start
        )
    try:
        raw = list(_lexer().lex(source.formula))
    except UnexpectedInput as error:
        at = source.start + (error.pos_in_stream or 0)
        raise source.error(f"expected mathematics, got the character {source.text[at : at + 1]!r}", at) from None
    for token in raw:
        token.start_pos = (token.start_pos or 0) + source.start
    plain = _without_annotations(source, _split_digits(source, raw))
    return _with_quantifiers(_pair(source, marked_rows(list(_classify(source, plain)))))


def _made(kind: str, value: str, like: Token) -> Token:
    return Token(kind, value, start_pos=like.start_pos)


def _split_digits(source: Source, tokens: list[Token]) -> list[Token]:
    """TeX takes one digit as an argument: `x^23` is `x^2 3`, `\\frac12` is one half."""
    result: list[Token] = []
    wanted = 0
    for token in tokens:
        if token.type == "NUM":
            if len(token) > MAX_DIGITS:
                raise source.error(f"a number of {len(token)} digits; the limit is {MAX_DIGITS}", token.start_pos or 0)
            text, at = str(token), token.start_pos or 0
            while wanted and text[:1].isdigit():
                result.append(Token("NUM", text[0], start_pos=at))
                text, at, wanted = text[1:], at + 1, wanted - 1
            if text:
                kind = "NUM" if text[0].isdigit() else "PUNCTUATION"
                result.append(Token(kind, text, start_pos=at))
            wanted = 0
            continue
        if token in ("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"):
            wanted = 2
        elif token in ("_", "^"):
            wanted = 1
        elif wanted and token.type != "SKIPPED":
            wanted = max(0, wanted - 1) if token.type in ("COMMAND", "LETTER", "WORD") else 0
        result.append(token)
    return result


def _group_end(source: Source, tokens: list[Token], start: int) -> int:
    """The index just past the group or the single token at `start`."""
    if start >= len(tokens):
        return start
    if tokens[start] != "{":
        return start + 1
    depth = 0
    for index in range(start, len(tokens)):
        depth += (tokens[index] == "{") - (tokens[index] == "}")
        if depth == 0:
            return index + 1
    raise source.error("expected } to close this {", tokens[start].start_pos or 0)


def _without_annotations(source: Source, tokens: list[Token]) -> list[Token]:
    """Drops what is written under an underbrace or over an overbrace, colours and phantoms."""
    result: list[Token] = []
    dropped: set[int] = set()
    for index, token in enumerate(tokens):
        if index in dropped or token.type == "SKIPPED":
            continue
        if token in ("\\underbrace", "\\overbrace", "\\underline"):
            after = _group_end(source, tokens, index + 1)
            if token != "\\underline" and after < len(tokens) and tokens[after] in ("_", "^"):
                dropped.update(range(after, _group_end(source, tokens, after + 1)))
            continue
        if token in ("\\phantom", "\\hphantom", "\\vphantom", "\\color"):
            dropped.update(range(index + 1, _group_end(source, tokens, index + 1)))
            continue
        result.append(token)
    return result


def _word(token: Token) -> str:
    return str(token).partition("{")[2].strip(" }\t\n") if "{" in token else str(token)[-1]


def _classify(source: Source, tokens: list[Token]) -> Iterator[Token]:
    index = 0
    while index < len(tokens):
        token, following = tokens[index], tokens[index + 1 : index + 4]
        index += 1
        text, kind = str(token), token.type
        if kind in ("BEGIN", "END", "ROW", "NUM"):
            yield token
        elif kind in ("LABEL", "TAG"):
            yield _made("LABEL", text.partition("{")[2][:-1].strip(), token)
        elif kind == "LETTER":
            yield _made("NAME", text, token)
        elif kind == "WORD":
            word = _word(token)
            if word == "mod" and text.startswith("\\operatorname"):
                yield _made("TIMES", "\\bmod", token)
                continue
            known = text.startswith("\\text") and (word in ("where", "with") or word in CASE_WORDS)
            yield _made("CONDITION" if known else "NAME", word if known else f"\\mathrm{{{word}}}", token)
        elif kind == "TEXT":
            yield _made("CONDITION", text.partition("{")[2][:-1].strip(), token)
        elif text in STYLES:
            if text not in _BOLD:
                continue
            digits = [t for t in following if t not in ("{", "}")][:1]
            braced = len(following) > 2 and following[0] == "{" and following[2] == "}"
            if digits and digits[0] in ("0", "1") and (braced or following[0] is digits[0]):
                yield _made("NAME", f"\\mathbf{digits[0]}", token)
                index += 3 if braced else 1
        elif text in ACCENTS:
            end = _group_end(source, tokens, index)
            inner = [t for t in tokens[index:end] if t not in ("{", "}") and t not in STYLES]
            if text == "\\mathbb" and [str(t) for t in inner] == ["1"]:
                yield _made("NAME", "\\mathbf1", token)
                index = end
                continue
            if len(inner) != 1 or not (inner[0].type == "LETTER" or str(inner[0]) in GREEK):
                raise source.error(f"expected one letter under {text}", token.start_pos or 0)
            yield _made("NAME", f"{text}{{{inner[0]}}}", token)
            index = end
        elif text == "\\left" or text == "\\right":
            if following[:1] == ["."]:
                yield _made("LEVAL" if text == "\\left" else "REVAL", text + ".", token)
                index += 1
            elif following and str(following[0]) in _BARS:
                side = "L" if text == "\\left" else "R"
                yield _made(side + _BARS[str(following[0])], str(following[0]), token)
                index += 1
        elif text == "&":
            yield _made("AMP", text, token)
        elif text in IGNORED:
            continue
        else:
            yield _made(_kind(text), text, token)


def _kind(text: str) -> str:
    for table in (_OPEN, _CLOSE, _LEFT_BARS, _RIGHT_BARS, _BARS, OPERATORS):
        if text in table:
            return table[text]
    if text in RELATIONS:
        return "REL"
    if text in CONNECTIVES:
        return CONNECTIVES[text]
    if text in GREEK:
        return "NAME"
    if text in FUNCTIONS:
        return "NAME"
    return "COMMAND" if text.startswith("\\") else "UNKNOWN"


def _pair(source: Source, tokens: list[Token]) -> list[Token]:
    """Decides which bars open and which close, and checks that brackets match and are not nested too deeply."""
    stack: list[Token] = []
    result: list[Token] = []
    for token in tokens:
        kind, at = token.type, token.start_pos or 0
        if kind in ("BAR", "NORM"):
            inside = bool(stack) and stack[-1].type == "L" + kind
            ends = bool(result) and result[-1].type in _ENDS_OPERAND and result[-1] not in FUNCTIONS
            kind = ("R" if inside and ends else "L") + kind
            token = _made(kind, str(token), token)
        if kind == "RBAR" and stack and stack[-1].type == "LEVAL":
            token = _made("REVAL", str(token), token)
            stack.pop()
        elif kind in _SHOWN or kind == "BEGIN":
            stack.append(token)
            if len(stack) > MAX_DEPTH:
                raise source.error(f"the formula is nested deeper than {MAX_DEPTH}, which is the limit", at)
        elif kind == "END" or (kind[:1] == "R" and ("L" + kind[1:]) in _SHOWN):
            opener = "BEGIN" if kind == "END" else "L" + kind[1:]
            if not stack or stack[-1].type != opener:
                wanted = f"the end of {stack[-1]}" if stack else f"something that opens before {token}"
                raise source.error(f"expected {wanted}, got {token}", at)
            stack.pop()
        result.append(token)
    if stack:
        raise source.error(f"{stack[-1]} is never closed", stack[-1].start_pos or 0)
    return result


def _with_quantifiers(tokens: list[Token]) -> list[Token]:
    """`\\forall` that a colon follows on the same level; another begins a condition at the end of a row."""
    opened: list[list[int]] = [[]]  # for each level, the places of those whose colon is still to come
    result = list(tokens)
    for k, token in enumerate(tokens):
        if token.type in _SHOWN or token.type == "BEGIN":
            opened.append([])
        elif token.type == "END" or (token.type[:1] == "R" and "L" + token.type[1:] in _SHOWN):
            opened.pop()
        elif token == "\\forall":
            opened[-1].append(k)
        elif token.type == "REL" and token in (":", "\\colon") and opened[-1]:
            start = opened[-1].pop()
            result[start], result[k] = (
                _made("FORALL", str(tokens[start]), tokens[start]),
                _made("COLON", str(token), token),
            )
        elif token.type in ("ROW", "CASEROW"):
            opened[-1].clear()
    return result
