"""Opens the files of others: questions on standard input, answers on standard output, a line of JSON each.

It may take so much memory and no more; whoever asks ends it when an answer takes too long.
"""

from __future__ import annotations

import errno
import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reports.binding import leaves, pictures
from reports.binding.leaves import Leaf, Unfit
from reports.binding.stamping import Typeface

MEMORY = 1024 * 1024 * 1024
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)
Asked = Mapping[str, Any]


def material(asked: Asked) -> dict[str, Any]:
    """Bind in a PDF or a picture; each page gets the number of the material, its own and that of the book."""
    source, first = Path(asked["source"]), asked["page"]

    def leaf(at: int, count: int) -> Leaf:
        return Leaf(asked["parent"], stamp(asked["number"], at + 1, first + at))

    with pictures.sheet(source) if asked["is_picture"] else leaves.opened(source) as pdf:
        return bound(asked, pdf, leaf)


def ours(asked: Asked) -> dict[str, Any]:
    """Bind in what was typeset for the book: its front, and a sheet for each file that stays outside."""
    sheets = asked["sheets"]

    def leaf(at: int, count: int) -> Leaf:
        if (place := at - count + len(sheets)) < 0:
            return Leaf(asked["parent"], links=asked["links"])
        return Leaf(sheets[place]["parent"], stamp(sheets[place]["number"], 1, sheets[place]["page"]))

    with leaves.opened(Path(asked["source"])) as pdf:
        return bound(asked, pdf, leaf)


def bound(asked: Asked, pdf: Any, leaf: Callable[[int, int], Leaf]) -> dict[str, Any]:
    face = Typeface.read(asked["face"])
    with open(asked["target"], "wb") as file:
        run, pages = leaves.bind(pdf, file, asked["first"], face, leaf)
    return {"offsets": run.offsets.tolist(), "pages": pages}


def typeface(asked: Asked) -> dict[str, Any]:
    with leaves.opened(Path(asked["source"])) as pdf, open(asked["target"], "wb") as file:
        run, face = leaves.fonts_of(pdf, file, asked["first"])
    glyphs = {char: (each.font, each.code, each.width) for char, each in face.glyphs.items()}
    return {"offsets": run.offsets.tolist(), "fonts": face.fonts, "glyphs": glyphs}


def stamp(number: str, own: int, page: int) -> str:
    return f"{number}　第 {own} 页　总第 {page} 页"


WORK: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "material": material,
    "ours": ours,
    "typeface": typeface,
}


def answer(asked: Asked) -> dict[str, Any]:
    try:
        return WORK[asked["do"]](asked)
    except Unfit as fault:
        return {"unfit": str(fault)}
    except OSError as fault:
        if fault.errno in NO_ROOM:
            return {"full": str(fault)}
        return {"broken": repr(fault)}
    except Exception as fault:  # whatever an engine trips over in a damaged file
        return {"broken": repr(fault)}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
