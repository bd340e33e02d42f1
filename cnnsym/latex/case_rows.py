"""The rows of a case distinction: `\\\\` and `&` as tokens of their own, `if` and `otherwise` as what they mean.

Outside of `\\begin{cases}` an `&` only aligns, and is dropped.
"""

from __future__ import annotations

from lark import Token

from cnnsym.latex.vocabulary import CASE_WORDS

_ENVIRONMENTS = ("cases", "dcases")


def environment(token: Token) -> str:
    """The name in `\\begin{name}` or `\\end{name}`, without a star."""
    return str(token).partition("{")[2].partition("}")[0].rstrip("*")


def marked_rows(tokens: list[Token]) -> list[Token]:
    """The tokens with those of case distinctions marked: LCASES, WHEN, OTHERWISE, CASEROW, RCASES.

    A word that is none of the few that are understood stays a CONDITION, which no expression may hold.
    """
    result: list[Token] = []
    depth = 0
    for token in tokens:
        kind, word = token.type, str(token).strip(" .,;:，。；：")
        if kind in ("BEGIN", "END") and environment(token) in _ENVIRONMENTS:
            depth += 1 if kind == "BEGIN" else -1
            if kind == "END":
                _strip(result, ("COMMA", "STOP"))
            result.append(_made("LCASES" if kind == "BEGIN" else "RCASES", token))
        elif depth > 0 and kind == "ROW":
            _strip(result, ("COMMA", "STOP"))
            result.append(_made("CASEROW", token))
        elif kind == "AMP" or (depth > 0 and kind == "CONDITION" and word in CASE_WORDS):
            meant = "WHEN" if kind == "AMP" else CASE_WORDS[word]
            if depth > 0:
                if meant in ("WHEN", "OTHERWISE"):
                    _strip(result, ("COMMA", "WHEN"))
                result.append(_made(meant, token))
        else:
            result.append(token)
    return result


def _strip(tokens: list[Token], kinds: tuple[str, ...]) -> None:
    while tokens and tokens[-1].type in kinds:
        tokens.pop()


def _made(kind: str, like: Token) -> Token:
    return Token(kind, str(like), start_pos=like.start_pos)
