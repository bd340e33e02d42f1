"""A straight-line program: instructions on numbered values, each distinct one once, printed as lines of Python.

An instruction is a template such as `({0} @ {1})` with the numbers of its operands. Templates come from this package and
hold names that it made itself; no text of a user is ever in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_DEEPEST = 12


class Program:
    """Instructions with value numbering: the same template on the same operands is the same value."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, tuple[int, ...]], int] = {}
        self._code: list[tuple[str, tuple[int, ...]]] = []

    def emit(self, template: str, *operands: int) -> int:
        key = (template, operands)
        if key not in self._numbers:
            self._numbers[key] = len(self._code)
            self._code.append(key)
        return self._numbers[key]

    def template(self, number: int) -> str:
        return self._code[number][0]

    def operands(self, number: int) -> tuple[int, ...]:
        return self._code[number][1]

    def is_atom(self, number: int) -> bool:
        """A name or a literal: written where it is used."""
        return not self._code[number][1]

    def lines(self, results: Sequence[int]) -> tuple[list[str], list[str]]:
        """The assignments that compute the results, and the expression of each result.

        A value with one use is written inside its user, so that NumPy can reuse its buffer; a name is reused after the
        last use of its value, so that memory does not grow with the number of intermediate values.
        """
        height: list[int] = []
        for _, operands in self._code:
            height.append(1 + max((height[o] for o in operands), default=0))
        # Lower results first: in backpropagation each layer's gradients follow its own cotangent.
        order = self._ordered(sorted(set(results), key=lambda r: height[r]))
        uses = Counter(o for number in order for o in self.operands(number))
        uses.update(results)
        depth: dict[int, int] = {}
        named: list[int] = []
        for number in order:
            inlined = [o for o in self.operands(number) if o in depth]
            deep = 1 + max((depth[o] for o in inlined), default=0)
            if self.is_atom(number):
                depth[number] = 0
            elif uses[number] == 1 and deep <= _DEEPEST and number not in results:
                depth[number] = deep
            else:
                named.append(number)
        return self._written(named, results)

    def _ordered(self, results: Sequence[int]) -> list[int]:
        order: list[int] = []
        seen: set[int] = set()
        for result in results:
            stack = [(result, False)]
            while stack:
                number, ready = stack.pop()
                if ready:
                    order.append(number)
                elif number not in seen:
                    seen.add(number)
                    stack.append((number, True))
                    stack.extend((o, False) for o in reversed(self.operands(number)))
        return order

    def _written(self, named: Sequence[int], results: Sequence[int]) -> tuple[list[str], list[str]]:
        text: dict[int, str] = {}
        own = set(named)

        def inside(number: int) -> tuple[str, set[int]]:
            """The text of an inlined value (nested no deeper than the limit) and the named values in it."""
            if number in text:
                return text[number], {number} & own
            parts = [inside(o) for o in self.operands(number)]
            return self.template(number).format(*(t for t, _ in parts)), set().union(*(n for _, n in parts))

        def right_side(number: int) -> tuple[str, set[int]]:
            parts = [inside(o) for o in self.operands(number)]
            return self.template(number).format(*(t for t, _ in parts)), set().union(*(n for _, n in parts))

        last: dict[int, int] = {}
        needs: list[set[int]] = []
        for place, number in enumerate(named):
            text[number] = f"\0{number}\0"  # a stand-in until the name is known
            _, used = right_side(number)
            needs.append(used)
            last.update(dict.fromkeys(used, place))
        last.update(dict.fromkeys(results, len(named)))
        lines: list[str] = []
        free: list[str] = []
        count = 0
        for place, number in enumerate(named):
            used = needs[place]
            for done in used:
                if last[done] == place:
                    free.append(text[done])
            expression, _ = right_side(number)
            if free:
                name = free.pop()
            else:
                name, count = f"v{count}", count + 1
            text[number] = name
            lines.append(f"{name} = {expression}")
        return lines, [inside(result)[0] for result in results]
