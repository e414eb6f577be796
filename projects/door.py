"""How much a page takes in. What is larger is turned away before it is read.

Django reads an upload to its end, to a temporary file, before any view sees it.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParser
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat

from projects.jobs import NO_SPACE

# Other fields of the form, and what stands between the files.
BESIDES = 64 * 1024
# Of a field that takes several pieces of evidence: the first, and what may come beside it.
EVIDENCE_SIZES = ("EVIDENCE_MAX_BYTES", "EVIDENCE_MORE_BYTES")
# The code of a ValidationError about the size of a file.
TOO_LARGE = "too_large"
View = Callable[..., HttpResponse]
JSON = "application/json"
# PostgreSQL takes it in no text, and raises.
NUL = "\0"
UNREADABLE = "地址里有不能识别的控制字符，没有处理。请从菜单重新打开页面。"

log = logging.getLogger(__name__)


class TooLarge(Exception):
    """A file is larger than its field takes."""


class PathInName(Exception):
    """A file is called by a path; no browser does that by itself."""


class Quota(FileUploadHandler):
    """Stops the upload of one field as soon as a file in it is too large."""

    def __init__(self, limit: int, field: str) -> None:
        super().__init__()
        self.limit = limit
        self.field = field

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if self.field_name == self.field and start + len(raw_data) > self.limit + BESIDES:
            raise TooLarge
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class Parser(MultiPartParser):
    """Tells of names that Django would only cut."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        name = html.unescape(file_name)
        if "/" in name or "\\" in name:
            raise PathInName(name)
        return super().sanitize_file_name(file_name)


def parsed(request: HttpRequest, META: Any, post_data: Any) -> Any:  # noqa: N803  # as Django calls it
    return Parser(META, post_data, request.upload_handlers, request.encoding).parse()


def takes_at_most(*names: str, field: str = "file") -> Callable[[View], View]:
    """The view reads as many bytes as these settings say together, of a file in `field` as the first says."""

    def marked(view: View) -> View:
        view.largest_upload = names  # type: ignore[attr-defined]
        view.upload_field = field  # type: ignore[attr-defined]
        return view

    return marked


class DoorMiddleware:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = (request.path, *request.COOKIES.values(), *texts(request.GET))
        if any(NUL in text for text in given):
            raise BadRequest(UNREADABLE)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST":
            return None
        names = getattr(view, "largest_upload", ())
        answer = take_in(request, view, names) if names else None
        if answer is None:
            # What is no upload is read next anyway, for the token in it.
            with suppress(UnreadablePostError):
                request.POST = without_nul(request.POST)  # type: ignore[assignment]
        return answer


def take_in(request: HttpRequest, view: Any, names: tuple[str, ...]) -> HttpResponse | None:
    """Read an upload to its end, as far as it is no larger than the view takes."""
    limit = sum(getattr(settings, name) for name in names)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > limit + BESIDES:
        return too_large(request, size, limit)
    first = getattr(settings, names[0])
    request.upload_handlers.insert(0, Quota(first, view.upload_field))
    request.parse_file_upload = partial(parsed, request)  # type: ignore[method-assign]
    try:
        request.POST  # noqa: B018  # takes the upload in
    except TooLarge:
        return too_large(request, size, first)
    except PathInName as fault:
        return path_in_name(request, str(fault))
    except OSError as error:
        # Of a browser that went away, whoever comes next will say so.
        if error.errno in NO_SPACE:
            return render(request, "507.html", {"back": request.path}, status=507)
    return None


def texts(query: QueryDict) -> Iterator[str]:
    return (text for name, values in query.lists() for text in (name, *values))


def without_nul(query: QueryDict) -> QueryDict:
    """Of what was typed or pasted nothing is lost but what cannot be seen, as in a workbook."""
    if not any(NUL in text for text in texts(query)):
        return query
    cleaned = QueryDict(mutable=True, encoding=query.encoding)
    for name, values in query.lists():
        cleaned.setlist(name.replace(NUL, ""), [text.replace(NUL, "") for text in values])
    return cleaned


def too_large(request: HttpRequest, size: int, limit: int) -> HttpResponse:
    log.warning("upload refused as too large: %s bytes at %s by %s", size, request.path, request.user)
    sizes = f"上传的文件有 {filesizeformat(size)}，超过上限 {filesizeformat(limit)}，没有接收。"
    message = f"{sizes}请压缩后再传，或拆成几个文件分别上传。"
    if wants_json(request):
        return JsonResponse({"ok": False, "errors": [message]}, status=413)
    return render(request, "413.html", {"message": message, "back": request.path}, status=413)


def path_in_name(request: HttpRequest, name: str) -> HttpResponse:
    log.warning("upload refused for its name: %r at %s by %s", name[:200], request.path, request.user)
    message = f"文件名“{name[:100]}”带有路径，没有接收。请只用文件名，不要带文件夹。"
    if wants_json(request):
        return JsonResponse({"ok": False, "name": name[:255], "errors": [message]}, status=422)
    return render(request, "422.html", {"message": message, "back": request.path}, status=422)


def status_of(request: HttpRequest, form: forms.BaseForm) -> int:
    """What a page with this form is answered with: 200 before it is sent, 413 for too large a file, else 422.

    Refused files are logged.
    """
    if not form.is_bound:
        return 200
    faults = [fault for name in form.files for fault in form.errors.as_data().get(name, ())]
    if faults:
        said = " ".join(sentence for fault in faults for sentence in fault.messages)
        log.warning("upload refused at %s by user %s: %s", request.path, request.user.pk, said)
    return 413 if any(fault.code == TOO_LARGE for fault in faults) else 422


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which reads the answer itself."""
    return request.headers.get("Accept", "").startswith(JSON)
