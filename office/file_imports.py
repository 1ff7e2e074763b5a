"""What the pages of all files of rows share: a worker tries each row first and shows what would happen, then acts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import PersonRequest
from common.csv_rows import FileShape
from common.db.row_imports import RUNNING, RowImport, let_import
from common.errors import DomainError
from common.translation import translated
from common.web.forms import refuse
from common.web.htmx import page_response
from common.web.paging import page_of

LARGEST_FILE = 1_000_000
EARLIER = 10
"""How many files from before are offered."""


def content_of(file: Any) -> bytes:
    """Return the content of a file that was sent. Raises ValidationError for a large one."""
    if file.size > LARGEST_FILE:
        raise forms.ValidationError(_("The file is larger than 1 MB. Split it."))
    return bytes(file.read())


def started_or_refused(form: forms.Form, start: Callable[[], RowImport]) -> RowImport | int:
    """Return the file that was kept to be checked, or the status of the page that shows what is wrong."""
    if not form.is_bound:
        return 200
    if not form.is_valid():
        return 422
    try:
        return start()
    except DomainError as error:
        refuse(form, error)
        return error.status


def new_file_page(  # noqa: PLR0913 - what the page is about
    request: PersonRequest, template: str, form: forms.Form, shape: FileShape, earlier: Any, *, status: int, **more: Any
) -> HttpResponse:
    """Render the page that takes a file, with the columns that it may have and the files from before."""
    context = {
        "form": form,
        "columns": shape.columns,
        "most": shape.most,
        "earlier": earlier.order_by("-pk").defer("rows", "outcomes")[:EARLIER],
    }
    return render(request, template, context | more, status=status)


def imported_page(request: PersonRequest, template: str, found: RowImport) -> HttpResponse:
    """Show how far a file is, and what happens with each row, the wrong ones first."""
    by_line = {row["line"]: row for row in found.rows}
    ordered = sorted(found.outcomes, key=lambda one: "error" not in one)
    context = {
        "found": found,
        "page": page_of([one | {"row": by_line[one["line"]]} for one in ordered], request),
        "done": len(found.outcomes),
        "total": len(found.rows),
        "running": found.state in RUNNING,
        "right": len(found.outcomes) - found.wrong,
    }
    return page_response(request, template, context)


def carried_out_page(request: PersonRequest, found: RowImport, page: str) -> HttpResponse:
    """Let a worker carry out a file without a wrong row."""
    try:
        let_import(held=found)
    except DomainError as error:
        messages.error(request, translated(error.message))
    return redirect(page, found.pk)
