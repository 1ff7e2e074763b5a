"""Habits of the code that no linter knows: sentences on public functions, small modules, documented settings."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.rooms import ROOMS

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 130
README = (ROOT / "README.md").read_text() if (ROOT / "README.md").exists() else ""


def modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def where(path: Path, node: ast.FunctionDef) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"


def test_every_public_function_says_what_it_does():
    silent = [
        where(path, node)
        for path in modules()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_modules_hold_one_concept():
    long = {path.name: lines for path in modules() if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE}
    # Settings, models, forms and words are lists, read from top to bottom.
    assert {name for name in long if name not in {"settings.py", "models.py", "forms.py", "words.py"}} == set()


def test_functions_do_one_thing():
    long = [
        where(path, node)
        for path in modules()
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_day_is_that_of_the_server():
    """A day is that of a lot's clock; the server's is UTC's, which is another one around midnight."""
    of_the_server = re.compile(r"\blocaldate\(|\bnow\(\)\.date\(|\bdate\.today\(|\blocaltime\(")
    assert [path.name for path in modules() if of_the_server.search(path.read_text())] == []


def test_templates_are_short():
    long = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        if len(path.read_text().splitlines()) > LONGEST_TEMPLATE
    ]
    assert long == []


def test_no_inline_scripts_styles_or_handlers_in_templates():
    """Mails are left out: their programs know no stylesheets."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<[^>{%]*\s(?:style|on[a-z]+)=", re.IGNORECASE
    )
    pages = [path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "mail"]
    guilty = [path.name for path in pages if inline.search(path.read_text())]
    assert guilty == []


def environment_names() -> set[str]:
    """The variables that settings read, wherever they are read."""
    call = re.compile(r"\benv(?:\.\w+)?\(\s*\"([A-Z][A-Z0-9_]+)\"|os\.environ(?:\.get)?[\[(]\s*\"([A-Z][A-Z0-9_]+)\"")
    sources = [path for path in modules() if path.is_relative_to(ROOT / "parking")]
    found = {name for path in sources for pair in call.findall(path.read_text()) for name in pair if name}
    return found - {"DJANGO_SETTINGS_MODULE", "NOTIFY_SOCKET", "PATH", "HOME"}


def commands() -> set[str]:
    folder = ROOT / "parking" / "management" / "commands"
    return {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}


@pytest.mark.parametrize("name", sorted(environment_names()))
def test_setting_is_documented(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", sorted(commands()))
def test_command_is_documented(name):
    assert f"`manage.py {name}" in README
