"""Passwords in a workbook: hashed as soon as it is read, and gone from what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from django.contrib.auth.hashers import make_password

from projects.models import User
from projects.people_rules import people
from projects.people_sheet import PEOPLE
from projects.sheets import DEPARTMENTS
from projects.workbook.columns import Table
from projects.workbook.headers import Column
from projects.workbook.writing import Page, write_workbook
from reports.export import cell, heading
from reports.parsing import GUIDE

REWRITTEN = ("原文件写有初始密码，没有保存；这是去掉密码后的内容。",)


def has_passwords(tables: Mapping[str, Table]) -> bool:
    return PEOPLE.title in tables and any(row.values.get("password") for row in tables[PEOPLE.title].rows)


def hashed(tables: Mapping[str, Table]) -> dict[str, str]:
    """By user name, those of new people. Each takes a good part of a second."""
    told = {name: row.values.get("password") for name, row in people(tables[PEOPLE.title]).items()}
    known = set(User.objects.filter(username__in=told).values_list("username", flat=True))
    return {name: make_password(each.value) for name, each in told.items() if each and name not in known}


def without_passwords(tables: Mapping[str, Table]) -> bytes:
    """The same lists as a workbook of ours."""
    pages = []
    for sheet in (DEPARTMENTS, PEOPLE):
        if table := tables.get(sheet.title):
            told = [c for c in sheet.columns if c.name in table.present and c.name != "password"]
            columns = [column for column in told if isinstance(column, Column)]
            rows = [[cell(column, row.values) for column in columns] for row in table.rows]
            pages.append(Page(sheet.title, [heading(sheet, column, None, ()) for column in columns], rows))
    file = BytesIO()
    write_workbook(file, pages, (GUIDE, REWRITTEN))
    return file.getvalue()
