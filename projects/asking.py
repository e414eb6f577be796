"""What a page is asked for in its address: as of which date, whether pending work counts, and by which task
book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import BadRequest
from django.http import QueryDict

from projects.original import CURRENT, ORIGINAL

# As many digits as whatever a database counts with holds for sure.
DIGITS = 18
FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class Question:
    """`as_of` None means the cut-off of the project's window."""

    as_of: date | None = None
    pending: bool = False
    basis: str = CURRENT


def key_in(text: str) -> int | None:
    """The key of a record that a text of a request gives, unless it is too long for one."""
    is_key = text.isascii() and text.isdecimal() and len(text) <= DIGITS
    return int(text) if is_key else None


def asked(query: QueryDict) -> Question:
    """The question in a query string; BadRequest (400) with a sentence when the date is none."""
    text = query.get("as_of", "").strip()
    basis = ORIGINAL if query.get("basis") == ORIGINAL else CURRENT
    return Question(parse_day(text) if text else None, query.get("pending") == "1", basis)


def parse_day(text: str) -> date:
    """`2023-12-31` → date; BadRequest with a sentence for anything else or outside 1990–2100."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"截至日期“{text[:50]}”不是日期，应写成 2026-05-20。") from None
    if not FIRST <= day <= LAST:
        raise BadRequest(f"截至日期“{text[:50]}”不在 1990 年至 2100 年之间。")
    return day
