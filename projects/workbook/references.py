"""Cell references as spreadsheets write them: C5 is column 2 (from 0) of row 5 (from 1)."""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_uppercase

REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)


def cell_name(number: int, column: int) -> str:
    """`C5` for row 5 and column 2."""
    return f"{column_letters(column)}{number}"


@lru_cache(maxsize=1000)
def column_letters(index: int) -> str:
    """0 → A, 26 → AA."""
    rest, letter = divmod(index, 26)
    return (column_letters(rest - 1) if rest else "") + ascii_uppercase[letter]


def position(reference: str) -> tuple[int, int]:
    """Row and column, both from 0. ValueError for what is no reference."""
    match = REFERENCE.fullmatch(reference)
    if not match:
        raise ValueError(f"no cell reference: {reference[:20]}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ascii_uppercase.index(letter) + 1
    return int(match[2]) - 1, column - 1
