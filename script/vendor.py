#!/usr/bin/env python3
"""Copy what pages need of node_modules/ to static/vendor/, and draw the icons of script/icons.txt as a sprite.

A page shows an icon by `<svg class="icon"><use href="{% static 'vendor/icons.svg' %}#clock"/></svg>`.
"""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules" / "@tabler"
VENDOR = ROOT / "static" / "vendor"
FILES = ("core/dist/css/tabler.min.css", "core/dist/js/tabler.min.js")
SVG = "http://www.w3.org/2000/svg"
# Without these a symbol would be filled black; the width of the stroke is the page's choice.
STROKE = {"fill": "none", "stroke": "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round"}


def without_map(source: str) -> str:
    """Drop the line that names a source map: the map is not copied, and collectstatic would look for it."""
    return re.sub(r"\n?(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*)\s*$", "\n", source)


def symbol(name: str) -> ET.Element:
    icon = ET.parse(NODE_MODULES / "icons" / "icons" / "outline" / f"{name}.svg").getroot()
    element = ET.Element(f"{{{SVG}}}symbol", {"id": name, "viewBox": icon.attrib["viewBox"], **STROKE})
    # The first path is an empty frame that some editors need.
    element.extend(path for path in icon if path.get("stroke") != "none")
    return element


def sprite(names: list[str]) -> bytes:
    ET.register_namespace("", SVG)
    root = ET.Element(f"{{{SVG}}}svg")
    root.extend(symbol(name) for name in names)
    return ET.tostring(root, encoding="utf-8")


def main() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        source = (NODE_MODULES / file).read_text(encoding="utf-8")
        (VENDOR / Path(file).name).write_text(without_map(source), encoding="utf-8")
    try:
        (VENDOR / "icons.svg").write_bytes(sprite((ROOT / "script" / "icons.txt").read_text().split()))
    except FileNotFoundError as fault:
        sys.exit(f"script/icons.txt names an icon that does not exist: {fault.filename}")


if __name__ == "__main__":
    main()
