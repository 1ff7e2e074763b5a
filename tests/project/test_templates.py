"""Habits of templates that a browser test would find late."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
# Filled by packages, which know nothing of our cells, and by the pages of each list.
FILLED_BY_OTHERS = {
    *("allauth/elements/table.html", "layouts/list.html", "layouts/list_beside.html", "components/list_rows.html"),
}


def templates():
    return {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}


def test_every_table_says_what_matters_on_a_phone():
    tables = {
        name for name, text in templates().items() if re.search(r'<table class="table\b|extends "layouts/list', text)
    }
    silent = {name for name in tables if not re.search(r"\bcell-(key|acts)\b", templates()[name])}

    assert silent - FILLED_BY_OTHERS == set()


def test_forms_with_folds_are_checked_by_the_server():
    """A browser says nothing of a wrong value that a closed fold hides."""
    whole = templates()
    folded = {name for name, text in whole.items() if "<details" in text}
    including = re.compile("|".join(re.escape(name) for name in folded))
    forms = [(name, form) for name, text in whole.items() for form in FORM.findall(text)]
    found = [(name, form) for name, form in forms if "<details" in form or including.search(form)]

    assert found
    assert {name for name, form in found if "novalidate" not in form.partition(">")[0]} == set()


def test_pages_link_no_sheet_but_the_one_of_all():
    linked = {name for name, text in templates().items() if re.search(r'rel="stylesheet"', text)}

    # The sheet of the map that moves, only where there is a tile server.
    assert linked == {"base.html", "driver/find.html", "ninja/swagger.html"}


def test_every_sheet_is_part_of_the_one():
    static = TEMPLATES.parent / "static" / "css"
    imported = set(re.findall(r'url\("([^"]+)"\)', (static / "site.css").read_text()))
    sheets = {str(path.relative_to(static)) for path in static.rglob("*.css")} - {"site.css", "pages/api.css"}

    assert imported == sheets


def blocks_of(template):
    return re.findall(r"{% block (\w+) %}", templates()[template])


def test_layouts_fill_only_blocks_of_the_base_that_stand_in_its_body():
    """A block of the same name in the base's head would show its content there, too."""
    base = templates()["base.html"]
    in_head = set(re.findall(r"{% block (\w+) %}", base.partition("</head>")[0])) - {"title"}
    named = {name: set(blocks_of(name)) for name in templates() if name.startswith("layouts/")}

    assert in_head
    assert {name: found & in_head for name, found in named.items() if found & in_head} == {}
