"""A picture as a PDF of one page: A4, lying or standing as the picture does, as it was meant to be held."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

SHORT, LONG, MARGIN = 595.0, 842.0, 36.0
# In dots: A4 at 300 to the inch. A JPEG goes in as it is, whatever its size.
LARGEST = 3508
ORIENTATION = 0x0112
# The colour spaces of JPEG files that PDF knows, too.
SPACES = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}


def sheet(path: Path) -> Pdf:
    """The picture on a page. Raises what Pillow raises at a file that is no picture."""
    with Image.open(path) as picture:
        turned = int(picture.getexif().get(ORIENTATION, 1) or 1)
        pdf = Pdf.new()
        if picture.format in ("JPEG", "MPO") and picture.mode in SPACES:
            drawn = as_it_is(pdf, picture, path)
        else:
            drawn = packed(pdf, picture)
    width, height = float(drawn.Width), float(drawn.Height)
    if turned > 4:
        width, height = height, width
    paper = (LONG, SHORT) if width > height else (SHORT, LONG)
    fit = min((paper[0] - 2 * MARGIN) / width, (paper[1] - 2 * MARGIN) / height)
    width, height = width * fit, height * fit
    placed = (paper[0] - width) / 2, (paper[1] - height) / 2, width, height
    page = pdf.add_blank_page(page_size=paper)
    page.obj.Resources = Dictionary(XObject=Dictionary(Picture=drawn))
    matrix = " ".join(f"{value:.3f}" for value in held(turned, *placed))
    page.obj.Contents = pdf.make_stream(f"q {matrix} cm /Picture Do Q".encode())
    return pdf


def as_it_is(pdf: Pdf, picture: Image.Image, path: Path) -> Any:
    """The bytes of a JPEG, not taken apart."""
    drawn = pdf.make_stream(path.read_bytes(), described(picture, Filter=Name.DCTDecode))
    if picture.mode == "CMYK" and "adobe" in picture.info:
        drawn.Decode = Array([1, 0] * 4)  # Adobe's are inked where others are blank
    return drawn


def packed(pdf: Pdf, picture: Image.Image) -> Any:
    """The dots of any other picture, on white where one sees through it; of a moving one the first."""
    picture.thumbnail((LARGEST, LARGEST))
    if picture.mode not in ("1", "L", "RGB"):
        seen = picture.convert("RGBA")
        picture = Image.new("RGB", seen.size, "white")
        picture.paste(seen, mask=seen.getchannel("A"))
    elif picture.mode == "1":
        picture = picture.convert("L")
    file = BytesIO()
    picture.save(file, "PNG")
    colours = 1 if picture.mode == "L" else 3
    how = Dictionary(Predictor=15, Colors=colours, BitsPerComponent=8, Columns=picture.width)
    described_so = described(picture, Filter=Name.FlateDecode, DecodeParms=how)
    return pdf.make_stream(pressed(file.getvalue()), described_so)


def described(picture: Image.Image, **packing: Any) -> Any:
    return Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        BitsPerComponent=8,
        ColorSpace=SPACES[picture.mode],
        **packing,
    )


def pressed(png: bytes) -> bytes:
    """What a PNG holds of dots: PDF reads the same lines."""
    found, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            found.append(png[at + 8 : at + 8 + length])
        at += 12 + length
    return b"".join(found)


def held(turned: int, x: float, y: float, width: float, height: float) -> tuple[float, ...]:
    """The matrix that puts a picture into a box, turned as its camera was (EXIF, 1 to 8)."""
    right, top = x + width, y + height
    return {
        2: (-width, 0, 0, height, right, y),
        3: (-width, 0, 0, -height, right, top),
        4: (width, 0, 0, -height, x, top),
        5: (0, -height, -width, 0, right, top),
        6: (0, -height, width, 0, x, top),
        7: (0, height, width, 0, x, y),
        8: (0, height, -width, 0, right, y),
    }.get(turned, (width, 0, 0, height, x, y))
