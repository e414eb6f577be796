"""Evidence files, given out behind the permission check."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from projects import evidence
from projects.filetypes import INLINE
from projects.proving import evidence_or_404
from projects.views.page import signed_in

# A file runs nothing and asks for nothing; only our own pages show it in a frame.
PREVIEW = {
    "default-src": [NONE],
    "img-src": [SELF, "data:"],
    "object-src": [SELF],
    "style-src": [UNSAFE_INLINE],
    "frame-ancestors": [SELF],
}


@login_required
@require_GET
@xframe_options_sameorigin
@csp(PREVIEW)  # type: ignore[arg-type]  # typed for views without arguments
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The file under its own name; shown in the browser only on request, and only kinds that run nothing.

    Its type is what our own check found when it was taken in.
    """
    material = evidence_or_404(signed_in(request), pk)
    if material.file is None:
        raise Http404("只登记了目录，还没有上传文件。")
    path = evidence.fetched(material.file)
    if not path.is_file():
        raise Http404("文件不在服务器上，请联系管理员。")
    inline = "view" in request.GET and material.file.content_type in INLINE
    return FileResponse(
        path.open("rb"),
        as_attachment=not inline,
        filename=evidence.name_of(material),
        content_type=material.file.content_type,
    )
