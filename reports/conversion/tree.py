"""The tasks of a task book while it is read."""

from __future__ import annotations

from dataclasses import dataclass

from reports.conversion.remarks import Remark
from reports.conversion.titles import Title, parent_code


@dataclass
class Task:
    code: str
    parent: str
    name: str
    # The number was counted, not written.
    is_counted: bool = False


class Tree:
    """The tasks found so far, by number and by name."""

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        self._named: dict[tuple[str, str], str] = {}

    def find(self, found: Title, parent: str, remark: Remark) -> str:
        """The number of a task, which is new or known; without a number it is counted."""
        if not found.code and (known := self._named.get((parent, found.name))):
            return known
        code = self.full_code(found.code, parent) or self.next_code(parent)
        task = self.tasks.get(code)
        if task is None:
            self.tasks[code] = Task(code, parent, found.name, is_counted=not found.code)
            if not found.code:
                remark.note(f"任务“{found.name}”没有编号，按次序编为 {code}")
        elif found.name and not task.name:
            task.name = found.name
        elif found.name and task.name != found.name:
            remark.note(f"编号 {code} 已是“{task.name}”，这里写作“{found.name}”")
        self._named.setdefault((parent, found.name), code)
        return code

    def full_code(self, code: str, parent: str) -> str:
        """A sub-task numbered 1 under task 2 is 2-1."""
        return f"{parent}-{code}" if code and parent and not parent_code(code) else code

    def next_code(self, parent: str) -> str:
        number = sum(task.parent == parent for task in self.tasks.values()) + 1
        while (code := f"{parent}-{number}" if parent else str(number)) in self.tasks:
            number += 1
        return code
