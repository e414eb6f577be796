"""Documents to JSON and back: every dataclass under the name of its class, defaults left out.

Fields that still have their default are not written, so that a field added later changes neither stored
documents nor their hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, get_args, get_type_hints

FORMAT = 1


def encoded(document: Any) -> dict[str, Any]:
    return {"format": FORMAT, **plain(document)}


def digest(data: dict[str, Any]) -> str:
    """SHA-256 of the one way to write this JSON."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: Any) -> Any:
    match value:
        case tuple():
            return [plain(each) for each in value]
        case Fraction():
            return str(value)
        case date():
            return value.isoformat()
    if not is_dataclass(value):
        return value
    given = {each.name: (getattr(value, each.name), each.default) for each in fields(value)}
    return {"type": type(value).__name__} | {
        name: plain(content) for name, (content, default) in given.items() if content != default
    }


def decoded(data: dict[str, Any], classes: Iterable[type]) -> Any:
    """What `encoded` wrote, made of these classes. Raises ValueError for anything else."""
    if data.get("format") != FORMAT:
        raise ValueError(f"not a document of format {FORMAT}")
    by_name = {each.__name__: each for each in classes}
    try:
        return made({name: value for name, value in data.items() if name != "format"}, object, by_name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a document: {error}") from error


def made(value: Any, hint: Any, classes: dict[str, type]) -> Any:
    match value:
        case dict():
            cls = classes[value["type"]]
            types = hints(cls)
            return cls(
                **{name: made(each, types[name], classes) for name, each in value.items() if name != "type"}
            )
        case list():
            return tuple(made(each, item_hint(hint), classes) for each in value)
        case str() if Fraction in members(hint):
            return Fraction(value)
        case str() if date in members(hint):
            return date.fromisoformat(value)
    return value


@cache
def hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the type itself."""
    return get_args(hint) or (hint,)


def item_hint(hint: Any) -> Any:
    """What a `tuple[X, ...]` holds."""
    return get_args(hint)[0]
