"""The words of a message, as each way out takes them."""

from __future__ import annotations

from html import escape

from django.conf import settings

from projects.models import Message


def address(path: str) -> str:
    """A page of ours as others reach it."""
    return f"{settings.SITE_URL}{path}"


def cut(text: str, size: int) -> str:
    """At most `size` bytes of UTF-8, with … where something is left out; never half a character."""
    data = text.encode()
    if len(data) <= size:
        return text
    return data[: max(0, size - 3)].decode(errors="ignore") + "…"


def escaped(text: str, size: int) -> str:
    """For a place that takes tags: at most `size` bytes, never half a sign."""
    made, room = escape(text, quote=False), size
    while len(made.encode()) > size:
        room -= len(made.encode()) - size
        made = escape(cut(text, room), quote=False)
    return made


def markdown(message: Message, size: int, *, link: bool = True) -> str:
    """Title, text, one linked line per row, as many as there is room for."""
    tail = f"\n\n[查看详情]({address(message.url)})" if link else ""
    room = size - len(tail.encode())
    lines = [f"### {plain(message.title)}", *(plain(line) for line in message.text.splitlines())]
    made = cut("\n\n".join(lines), room)
    left = len(message.rows)
    for row in message.rows:
        line = f"\n\n- [{plain(row['text'])}]({address(row['url'])})"
        rest = f"\n\n- 另有 {left} 项"
        if len((made + line + rest).encode()) > room:
            return cut(made + rest, room) + tail
        made, left = made + line, left - 1
    return made + tail


def plain(text: str) -> str:
    """Without signs that markdown takes for its own."""
    return text.translate({ord(sign): f"\\{sign}" for sign in "[]*_`#<>"})


def letter(message: Message) -> str:
    """The text of a letter: every row with its own address."""
    rows = [f"{row['text']}\n  {address(row['url'])}" for row in message.rows]
    head = f"{message.user}，您好：" if message.user else ""
    link = "" if len(rows) == 1 else f"查看：{address(message.url)}"
    foot = f"不想再收到这类邮件，可在 {address('/messages/settings/')} 关闭。"
    parts = [head, message.text, *rows, link, "--", foot]
    return "\n\n".join(part for part in parts if part)
