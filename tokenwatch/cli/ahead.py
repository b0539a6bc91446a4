"""Work that goes on in another process while this one imports."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """A piece of work in a forked process.

    To be begun before there are threads. Its result is pickled; whatever it raises is lost, so who
    gets no result does the work again and meets the error there.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        """Begin, where processes can be forked."""
        self._child = 0
        if not hasattr(os, "fork"):
            return
        self._pipe, end = os.pipe()
        self._child = os.fork()
        if not self._child:
            _answer(work, end)
        os.close(end)

    def result(self) -> T | None:
        """Wait for the result, once; None where there is none."""
        if not self._child:
            return None
        with os.fdopen(self._pipe, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        return None if status else pickle.loads(answer)


def _answer(work: Callable[[], object], end: int) -> NoReturn:
    code = 1
    with suppress(BaseException):
        answer = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
        with os.fdopen(end, "wb") as pipe:
            pipe.write(answer)
        code = 0
    # Nothing that the process has registered or buffered is the child's to end.
    os._exit(code)
