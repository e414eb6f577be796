"""What every workbook made of another file begins with."""

from __future__ import annotations

from projects.models import Project
from projects.sheets import PROJECT
from projects.workbook.book import Book
from projects.workbook.writing import Page
from reports.export import fields_page
from reports.parsing import BY_TITLE


def project_page(project: Project) -> Page:
    """The project as it is, so that the import finds it and changes nothing of it."""
    book = Book({}, BY_TITLE, project.institution, project)
    return fields_page(PROJECT, PROJECT.exported(book)[0])
