"""Files for books: PDFs turned, cropped, filled in, locked and broken; pictures held in each way."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from pikepdf import Array, Dictionary, Encryption, Name, Pdf, String
from PIL import Image, ImageDraw


def text_pdf(*texts: str, change: Callable[[Pdf], None] | None = None, **how: Any) -> bytes:
    """A page A4 for each text, which stands at its top edge."""
    pdf = Pdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for text in texts:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Resources = Dictionary(Font=Dictionary(F=font))
        page.obj.Contents = pdf.make_stream(f"BT /F 12 Tf 50 828 Td ({text}) Tj ET".encode())
    if change:
        change(pdf)
    file = BytesIO()
    pdf.save(file, **how)
    return file.getvalue()


def turned(degrees: int) -> bytes:
    return text_pdf(f"turned {degrees}", change=lambda pdf: pdf.pages[0].obj.__setitem__("/Rotate", degrees))


def locked(text: str, password: str) -> bytes:
    return text_pdf(text, encryption=Encryption(owner="owner", user=password, R=6))


def acting() -> bytes:
    """What it could do when opened, and what a reader wrote on it."""

    def change(pdf: Pdf) -> None:
        script = Dictionary(Type=Name.Action, S=Name.JavaScript, JS=String("app.alert(1)"))
        pdf.Root.OpenAction = script
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
        look = pdf.make_stream(
            b"BT /F 12 Tf 2 4 Td (stamped by hand) Tj ET",
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Form,
                BBox=Array([0, 0, 200, 20]),
                Resources=Dictionary(Font=pdf.pages[0].obj.Resources.Font),
            ),
        )
        note = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Stamp,
            Rect=Array([100, 400, 300, 420]),
            F=4,
            AP=Dictionary(N=look),
            A=script,
        )
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])
        pdf.pages[0].obj.AA = Dictionary(O=script)

    return text_pdf("acting", change=change)


def beyond() -> bytes:
    """A page that is cropped, and paints black over all around it; its drawing is not closed."""

    def change(pdf: Pdf) -> None:
        page = pdf.pages[0].obj
        page.CropBox = Array([100, 100, 400, 500])
        page.Contents = pdf.make_stream(
            b"q 0.5 0 0 0.5 0 0 cm 0 g -2000 -2000 9000 9000 re f BT 1 g /F 40 Tf 300 300 Td (beyond) Tj ET"
        )

    return text_pdf("", change=change)


def damaged() -> bytes:
    """A PDF whose table points nowhere: whoever reads it has to look for its objects."""
    data = text_pdf("mended")
    at = data.rindex(b"startxref")
    return data[:at] + b"startxref\n99999\n%%EOF\n"


def picture(form: str, size: tuple[int, int] = (300, 200), mode: str = "RGB", turned: int = 1) -> bytes:
    """White, with a red corner at the upper left of the picture as it is stored."""
    drawn = Image.new("RGBA", size, (255, 255, 255, 0 if mode == "RGBA" else 255))
    ImageDraw.Draw(drawn).rectangle((0, 0, size[0] // 4, size[1] // 4), fill="red")
    exif = Image.Exif()
    exif[0x0112] = turned
    file = BytesIO()
    drawn.convert(mode).save(file, form, exif=exif)
    return file.getvalue()
