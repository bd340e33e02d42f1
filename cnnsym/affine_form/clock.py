"""A limit on the processor time that one statement takes, looked at between steps: each step has a limit of its own."""

from __future__ import annotations

import time

from cnnsym.errors import LimitError

SECONDS = 30.0  # of processor time, for one statement


class Clock:
    """The processor time since a statement was begun.

    >>> Clock(seconds=30.0).look()
    >>> Clock(seconds=0.0).look()
    Traceback (most recent call last):
    ...
    cnnsym.errors.LimitError: time limit: the statement takes over 0 seconds of processor time
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = SECONDS if seconds is None else seconds
        self._deadline = time.process_time() + self._seconds

    def look(self) -> None:
        """LimitError where the time is used up."""
        if time.process_time() >= self._deadline:
            raise LimitError(f"time limit: the statement takes over {self._seconds:.0f} seconds of processor time")
