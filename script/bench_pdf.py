"""Print one report and say as JSON what it cost: CPU seconds, peak memory in MB, pages. For script/bench.py.

`ours PROJECT KIND` goes all the way from the records, as a worker does that runs already; `bare FILE` hands
finished HTML to WeasyPrint. What other processes do for us is counted with the rest.
"""

import json
import re
import resource
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path


def ours(project: str, kind: str) -> Callable[[], bytes]:
    import django

    django.setup()

    from projects.models import Project
    from reports import kinds
    from reports.build import build
    from reports.facts import gather
    from reports.renderers import renderer

    def work() -> bytes:
        record = Project.objects.with_window().get(code=project)
        return renderer("pdf").render(build(gather(record), kinds.kind(kind)))

    return work


def bare(file: str) -> Callable[[], bytes]:
    def work() -> bytes:
        from weasyprint import HTML

        html = HTML(string=Path(file).read_text(encoding="utf-8"))
        return bytes(html.write_pdf(presentational_hints=True, pdf_tags=True))

    return work


def spent() -> float:
    """CPU seconds of this process and of those that it started and waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def peak() -> float:
    """MB of this process and the largest that it started, as they live side by side."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    # Not our own `ru_maxrss`: it is never less than that of the process which started us.
    own = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert own
    return (int(own[1]) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def main() -> None:
    side, *about = sys.argv[1:]
    work = ours(*about) if side == "ours" else bare(*about)
    began = spent() if side == "ours" else 0.0
    pdf = work()
    said = {"cpu": spent() - began, "peak": peak()}

    from pypdf import PdfReader

    print(json.dumps(said | {"pages": len(PdfReader(BytesIO(pdf)).pages)}))


if __name__ == "__main__":
    main()
