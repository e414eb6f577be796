"""Documents for the evidence of the demo: letters as PDF, certificates as PNG.

Hundreds are needed and each is its own, so the PDFs are written directly and embed no font: readers show the
Song typeface by one of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

import vl_convert

FOOT = "演示材料，内容均为虚构"
RED, BLACK, GREY = "0.76 0.07 0.12", "0.13 0.13 0.13", "0.45 0.45 0.45"
# A4 in points; the margins of an official letter.
WIDTH, HEIGHT, LEFT = 595, 842, 79
SEAL_X, SEAL_Y, SEAL_RADIUS = 410, 262, 58
# How far the control points of a quarter of a circle lie out, in radii.
ROUND = 0.5523
STOPS = "，。、；：）》”"


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a document. `title` is 立项通知：…, its kind and its subject."""

    title: str
    issuer: str
    number: str
    day: str

    @property
    def kind(self) -> str:
        return self.title.partition("：")[0]

    @property
    def subject(self) -> str:
        return self.title.partition("：")[2] or self.title


def document(paper: Paper, file_name: str) -> bytes:
    """The document in the format that the file name says."""
    return certificate(paper) if file_name.endswith(".png") else letter(paper)


# Letters


def letter(paper: Paper) -> bytes:
    """A page with the issuer in red, a title, a paragraph, a date and a seal."""
    verb = "印发" if "印" in paper.kind else "确认"
    body = f"　　{paper.subject}。经审核，材料真实、完整，现予{verb}。"
    return pdf(
        [
            centred(f"{paper.issuer}文件", 730, 28, RED),
            centred(paper.number, 690, 14, BLACK),
            f"{RED} RG 2 w {LEFT} 676 m {WIDTH - LEFT} 676 l S",
            centred(paper.kind, 624, 22, BLACK),
            *(centred(line, 584 - 26 * n, 16, BLACK) for n, line in enumerate(wrapped(paper.subject, 24))),
            *(shown(line, LEFT, 470 - 29 * n, 16, BLACK) for n, line in enumerate(wrapped(body, 27))),
            centred(paper.issuer, 252, 15, BLACK, about=SEAL_X),
            centred(paper.day, 226, 15, BLACK, about=SEAL_X),
            seal(),
            centred(FOOT, 60, 9, GREY),
        ]
    )


def em(words: str) -> float:
    """Width in units of the type size: Latin letters and digits are half as wide as Chinese characters."""
    return sum(1 if ord(char) > 0xFF else 0.5 for char in words)


def centred(words: str, y: float, size: int, color: str, about: float = WIDTH / 2) -> str:
    return shown(words, about - em(words) * size / 2, y, size, color)


def shown(words: str, x: float, y: float, size: int, color: str) -> str:
    hexadecimal = words.encode("utf-16-be").hex()
    return f"{color} rg BT /Song {size} Tf 1 0 0 1 {x:.1f} {y:.1f} Tm <{hexadecimal}> Tj ET"


def seal() -> str:
    x, y, r, k = SEAL_X, SEAL_Y, SEAL_RADIUS, SEAL_RADIUS * ROUND
    circle = (
        f"{x + r} {y} m {x + r} {y + k:.1f} {x + k:.1f} {y + r} {x} {y + r} c "
        f"{x - k:.1f} {y + r} {x - r} {y + k:.1f} {x - r} {y} c "
        f"{x - r} {y - k:.1f} {x - k:.1f} {y - r} {x} {y - r} c "
        f"{x + k:.1f} {y - r} {x + r} {y - k:.1f} {x + r} {y} c"
    )
    return f"{RED} RG 2.5 w {circle} S {centred('★', y + 12, 30, RED, about=x)}"


def pdf(operators: Iterable[str]) -> bytes:
    """A file of one page that these operators draw."""
    content = "\n".join(operators).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R" % (WIDTH, HEIGHT)
        + b"/Resources<</Font<</Song 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1 95 500]/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 5>>>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
    ]
    file, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return file + b"xref\n0 %d\n" % size + table + trailer


# Certificates


def certificate(paper: Paper) -> bytes:
    """A framed sheet in landscape, as scanned."""
    dated = "　".join(filter(None, (paper.number, paper.day)))
    return vl_convert.svg_to_png(
        '<svg xmlns="http://www.w3.org/2000/svg" width="702" height="496" text-anchor="middle" '
        'font-family="Noto Serif CJK SC" fill="#222">'
        '<rect x="5" y="5" width="692" height="486" fill="#fffbf0" stroke="#b08d57" stroke-width="10"/>'
        '<rect x="26" y="26" width="650" height="444" fill="none" stroke="#b08d57"/>'
        '<text x="351" y="126" font-size="42" fill="#9b1c1c">荣 誉 证 书</text>'
        f'<text y="216" font-size="21">{"".join(spans(wrapped(paper.subject, 26), 351, 36))}</text>'
        f'<text y="388" font-size="14">{"".join(spans([paper.issuer, dated], 500, 24))}</text>'
        f'<text x="351" y="462" font-size="9" fill="#777">{FOOT}</text>'
        "</svg>"
    )


def spans(lines: Iterable[str], x: int, step: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f'<tspan x="{x}" dy="{step if number else 0}">{escape(line)}</tspan>'


def wrapped(words: str, length: int) -> list[str]:
    """Lines of at most so many Chinese characters; none begins with a stop."""
    lines = [""]
    for char in words:
        if em(lines[-1] + char) > length and char not in STOPS:
            lines.append("")
        lines[-1] += char
    return lines
