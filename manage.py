#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hvcollege.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as fault:
        raise SystemExit(
            "Django is missing: run script/bootstrap, then .venv/bin/python manage.py."
        ) from fault
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
