#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hvcollege.settings")
    try:
        from django.core.management import execute_from_command_line
        from django.db import OperationalError, ProgrammingError
    except ImportError as fault:
        raise SystemExit(
            "Django is missing: run script/bootstrap, then .venv/bin/python manage.py."
        ) from fault
    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as fault:
        if "--traceback" in sys.argv:
            raise
        raise SystemExit(
            f"数据库无法使用：{str(fault).strip().splitlines()[0]}\n"
            "请检查 DATABASE_URL 和数据库服务；新建的数据库要先运行 manage.py migrate。"
        ) from fault


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
