"""What the columns of foreign tables mean: the choices a person has, and what their headings suggest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
NOT_READ = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One meaning a column may have, and the headings that suggest it, parted by spaces.

    `is_yearly`: the year stands in the heading, so several columns may have it.
    """

    name: str
    label: str
    synonyms: str = ""
    is_yearly: bool = False


@dataclass(frozen=True)
class Meanings:
    """The meanings of one kind of file. An ambiguous heading has several, the preferred one first."""

    targets: tuple[Target, ...]
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def labels(self) -> list[tuple[str, str]]:
        return [(target.name, target.label) for target in self.targets]

    def guess(self, headings: Sequence[str]) -> list[str]:
        """A meaning for each heading, each once."""
        folded_headings = [folded(heading) for heading in headings]
        found = [self.plain_meaning(heading) for heading in folded_headings]
        for at, heading in enumerate(folded_headings):
            if not found[at]:
                free = (name for name in self.ambiguous.get(heading, ()) if name not in found)
                found[at] = next(free, NOT_READ)
        return once(found)

    def plain_meaning(self, heading: str) -> str:
        if heading in self.ambiguous:
            return NOT_READ
        return next((t.name for t in self.targets if heading in t.synonyms.split()), NOT_READ)

    def yearly(self) -> frozenset[str]:
        return frozenset(target.name for target in self.targets if target.is_yearly)


def once(found: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [NOT_READ if name in seen or seen.add(name) else name for name in found]  # type: ignore[func-returns-value]


def folded(heading: str) -> str:
    """For comparing: NFKC, without spaces, remarks in brackets and marks at the end."""
    text = "".join(unicodedata.normalize("NFKC", heading).split())
    return re.sub(r"\([^()]*\)", "", text).strip("*:：/ ") or text


def fingerprint(headings: Iterable[str]) -> str:
    """Equal for tables of the same kind; next year's file has other years in its headings."""
    return "|".join(YEAR.sub("YYYY", "".join(unicodedata.normalize("NFKC", h).split())) for h in headings)


def year_in(heading: str) -> int | None:
    found = YEAR.search(unicodedata.normalize("NFKC", heading))
    return int(found[0]) if found else None
