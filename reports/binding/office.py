"""Office documents as PDF, by LibreOffice where the server has it.

Each document is opened by a process of its own with a profile of its own: no macro runs, nothing is fetched
from the network or from other files, and it may take so long and no longer.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from projects.filetypes import DOC, DOCX, ODS, PPT, PPTX, XLS, XLSX, Kind

# What LibreOffice opens, and under which ending it knows it.
KINDS: dict[str, Kind] = {kind.content_type: kind for kind in (DOC, DOCX, XLS, XLSX, ODS, PPT, PPTX)}
TIME_LIMIT = 120.0
PROGRAMS = ("soffice", "libreoffice")
SETTINGS = (
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    # Never look for what a document takes from other files.
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Calc/Content/Update", "Link", "2"),
    # Whatever would still go to the network goes to nobody.
    ("Inet/Settings", "ooInetProxyType", "2"),
    *(("Inet/Settings", f"ooInet{kind}ProxyName", "127.0.0.1") for kind in ("HTTP", "HTTPS", "FTP")),
    *(("Inet/Settings", f"ooInet{kind}ProxyPort", "9") for kind in ("HTTP", "HTTPS", "FTP")),
)
ITEM = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
REGISTRY = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{}</oor:items>'
)


class NotConverted(Exception):
    """LibreOffice did not make a PDF of it; the message is a sentence for the user."""


def program() -> str | None:
    """Where LibreOffice is, if the server has it."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def convert(path: Path, kind: Kind, folder: Path, *, time_limit: float = TIME_LIMIT) -> Path:
    """The document as a PDF in `folder`, which is ours alone; NotConverted otherwise."""
    soffice = program()
    if soffice is None:
        raise NotConverted("服务器未安装 LibreOffice，不能转换 Office 文件")
    profile, registry = folder / "profile", REGISTRY.format("".join(ITEM.format(*each) for each in SETTINGS))
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(registry, encoding="utf-8")
    source, made = folder / f"document{kind.extensions[0]}", folder / "document.pdf"
    made.unlink(missing_ok=True)
    shutil.copyfile(path, source)
    command = [
        *(soffice, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
        *(f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "pdf", "--outdir", str(folder)),
        str(source),
    ]
    # Its programs are a group, so that none outlives the limit; its home is here, too.
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "LC_ALL", "TZ")}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment | {"HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(time_limit)
        except subprocess.TimeoutExpired as late:
            raise NotConverted("Office 文件转换时间过长") from late
        finally:
            end(process)
            source.unlink(missing_ok=True)
    if not made.is_file():
        raise NotConverted("Office 文件无法转换，可能已损坏或设有密码")
    return made


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
