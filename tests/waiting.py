"""Waiting for another thread or process: ask until it is so, or fail at a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def eventually(ask: Callable[[], Answer], *, within: float = 60.0) -> Answer:
    """The first true answer. `within`, in seconds, is far more than a healthy run needs."""
    deadline = time.monotonic() + within
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {within} s")
        time.sleep(0.05)
    return answer
