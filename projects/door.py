"""How much a page takes in. What is larger is turned away before it is read.

Django reads an upload to its end, to a temporary file, before any view sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat

from projects.jobs import NO_SPACE

# Other fields of the form, and what stands between the files.
BESIDES = 64 * 1024
View = Callable[..., HttpResponse]


class TooLarge(Exception):
    """A file is larger than its field takes."""


class Quota(FileUploadHandler):
    """Stops the upload of the field `file` as soon as it is too large."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if self.field_name == "file" and start + len(raw_data) > self.limit + BESIDES:
            raise TooLarge
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def takes_at_most(*names: str) -> Callable[[View], View]:
    """The view reads as many bytes as these settings say together, of its field `file` as the first says."""

    def marked(view: View) -> View:
        view.largest_upload = names  # type: ignore[attr-defined]
        return view

    return marked


class DoorMiddleware:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        names = getattr(view, "largest_upload", ())
        if not names or request.method != "POST":
            return None
        limit = sum(getattr(settings, name) for name in names)
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > limit + BESIDES:
            return too_large(request, size, limit)
        first = getattr(settings, names[0])
        request.upload_handlers.insert(0, Quota(first))
        try:
            request.POST  # noqa: B018  # takes the upload in
        except TooLarge:
            return too_large(request, size, first)
        except OSError as error:
            # Of a browser that went away, whoever comes next will say so.
            if error.errno in NO_SPACE:
                return render(request, "507.html", {"back": request.path}, status=507)
        return None


def too_large(request: HttpRequest, size: int, limit: int) -> HttpResponse:
    sizes = f"上传的文件有 {filesizeformat(size)}，超过上限 {filesizeformat(limit)}，没有接收。"
    message = f"{sizes}请删去图片和多余内容，或拆成几个文件分别上传。"
    return render(request, "413.html", {"message": message, "back": request.path}, status=413)
