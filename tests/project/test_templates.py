"""Habits of templates that a browser test would find late."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
# Filled by packages, which know nothing of our cells.
FILLED_BY_OTHERS = {"allauth/elements/table.html"}


def templates():
    return {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}


def test_every_table_says_what_matters_on_a_phone():
    tables = {name for name, text in templates().items() if re.search(r'<table class="table\b', text)}
    silent = {name for name in tables if not re.search(r"\bcell-(key|acts)\b", templates()[name])}

    assert silent - FILLED_BY_OTHERS == set()


def test_pages_link_no_sheet_but_the_one_of_all():
    linked = {name for name, text in templates().items() if re.search(r'rel="stylesheet"', text)}

    assert linked == {"base.html", "ninja/swagger.html", "ninja/redoc.html"}


def test_every_sheet_is_part_of_the_one():
    static = TEMPLATES.parent / "static" / "css"
    imported = set(re.findall(r'url\("([^"]+)"\)', (static / "site.css").read_text()))
    sheets = {str(path.relative_to(static)) for path in static.rglob("*.css")} - {"site.css", "pages/api.css"}

    assert imported == sheets
