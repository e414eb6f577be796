"""How many materials the words of the task book ask for."""

from __future__ import annotations

import pytest

from projects.needed import needed


@pytest.mark.parametrize(
    ("text", "items", "count"),
    [
        ("", (), 0),
        ("  \n", (), 0),
        ("正式印发文件", ("正式印发文件",), 1),
        ("印发通知、汇编目录", ("印发通知", "汇编目录"), 2),
        ("印发通知，汇编目录；照片;名单", ("印发通知", "汇编目录", "照片", "名单"), 4),
        ("印发通知和汇编目录", ("印发通知", "汇编目录"), 2),
        ("印发通知\r\n汇编目录\n", ("印发通知", "汇编目录"), 2),
        ("和谐校园方案", ("和谐校园方案",), 1),
        ("汇编（含目录、正文）、通知", ("汇编（含目录、正文）", "通知"), 2),
        ("《制度甲、乙和丙》", ("《制度甲、乙和丙》",), 1),
        ("1、印发通知；2、汇编目录", ("印发通知", "汇编目录"), 2),
        ("（1）印发通知\n（2）汇编目录", ("印发通知", "汇编目录"), 2),
        ("2 份", ("2 份",), 2),
        ("2", ("2",), 2),
        ("2份通知、目录", ("2份通知", "目录"), 3),
        ("两份通知", ("两份通知",), 2),
        ("0 份", ("0 份",), 1),
        ("2023 年总结", ("2023 年总结",), 1),
        ("1.5 万元发票", ("1.5 万元发票",), 1),
        ("通知。", ("通知",), 1),
    ],
)
def test_the_words_are_taken_apart(text: str, items: tuple[str, ...], count: int) -> None:
    found = needed(text)
    assert (found.items, found.count) == (items, count)
