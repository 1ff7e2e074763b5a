"""Every text that a person reads goes through gettext: what was left out is found here.

Templates: texts and the attributes that people read or hear stand in `translate` or `blocktranslate`, literal texts that
are handed to a component in `_()`. Scripts take theirs from `data-say-…`. Code: what is given to the known ways to a page
is no bare literal or f-string.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Below templates/; "." are the pages that stand there themselves.
TEMPLATES = (
    ".",
    "account",
    "allauth",
    "api",
    "components",
    "desk",
    "driver",
    "entrance",
    "layouts",
    "mail",
    "mfa",
    "ninja",
    "office",
    "manual",
    "shop",
    "usersessions",
)
CODE = (
    "accounts",
    "analytics",
    "api",
    "billing",
    "common",
    "desk",
    "devices",
    "driver",
    "entrance",
    "exports",
    "gates",
    "lists",
    "lots",
    "merchants",
    "notifications",
    "office",
    "parking",
    "passes",
    "reports",
    "reservations",
    "manual",
    "shop",
    "sites",
    "tickets",
)
# Read on the command line only.
FOR_COMMANDS = {"accounts/people.py"}

# Names, units, forms of numbers and what is printed on keys: the same in every language.
SAME_EVERYWHERE = re.compile(
    r"\b(?:Parking|PS-?|QR|PDF|CSV|JSON|API|UTC|EV|km|kW|min|cm|h|m|ms|s)\b|&[a-z]+;|&#\w+;|[^\W\d_](?![^\W\d_])(?<![^\W\d_].)"
)
LETTER = re.compile(r"[^\W\d_]")

# ---- templates

ATTRIBUTES = {
    "alt",
    "aria-description",
    "aria-label",
    "aria-roledescription",
    "aria-valuetext",
    "data-label",
    "label",
    "placeholder",
    "title",
}
TEXTS_OF_SCRIPTS = re.compile(r"data-(?:busy|say-[a-z-]+)")
UNREAD = {"code", "kbd", "pre", "script", "style"}
ARGUMENTS = (
    "action_label|before_label|caption|hint|label|note|noun|now_label|so_far_label|submit|tax_label|text|title|"
    "unit|what|word"
)
UNSEEN = re.compile(r"{#.*?#}|{% block body_class %}[a-z -]*{% endblock %}", re.DOTALL)
TRANSLATED = re.compile(r"{% blocktranslate\b.*?{% endblocktranslate %}", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
LITERAL = re.compile(
    rf"""\b(?:{ARGUMENTS})="([^"]*)"|\|(?:default|default_if_none|yesno|join|add):"([^"]*)"|{{% (?:refused|firstof) "([^"]*)\""""
)
PLURALIZED = re.compile(r"\|pluralize\b")


class _Reader(HTMLParser):
    """Collects what people read or hear of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.texts: list[str] = []
        self.unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unread += tag in UNREAD
        named = {name: value or "" for name, value in attrs}
        self.texts += [value for name, value in named.items() if name in ATTRIBUTES or TEXTS_OF_SCRIPTS.match(name)]
        if tag == "meta" and (named.get("name") == "description" or "title" in named.get("property", "")):
            self.texts.append(named.get("content", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.unread -= tag in UNREAD

    def handle_endtag(self, tag: str) -> None:
        self.unread -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.texts.append(data)


def untranslated(template: str) -> list[str]:
    """The texts of a template that no translator would see."""
    source = TRANSLATED.sub("", UNSEEN.sub("", template))
    tags = TAG.findall(source)
    found = [text for tag in tags for texts in LITERAL.findall(tag) for text in texts]
    found += [tag for tag in tags if PLURALIZED.search(tag)]
    reader = _Reader()
    reader.feed(TAG.sub("", source))
    reader.close()
    return [" ".join(text.split()) for text in found + reader.texts if LETTER.search(SAME_EVERYWHERE.sub("", text))]


def templates(folder: str) -> list[Path]:
    root = ROOT / "templates" / folder
    return sorted(root.glob("*.*") if folder == "." else (path for path in root.rglob("*.*") if path.is_file()))


@pytest.mark.parametrize("folder", TEMPLATES)
def test_every_text_of_templates_is_translated(folder):
    assert templates(folder)
    left = {
        str(path.relative_to(ROOT)): texts for path in templates(folder) if (texts := untranslated(path.read_text()))
    }

    assert left == {}


@pytest.mark.parametrize(
    ("template", "left"),
    [
        ("<p>Paid</p>", ["Paid"]),
        ('<p>{% translate "Paid" %}</p>', []),
        ("{% blocktranslate %}Paid by {{ who }}{% endblocktranslate %}", []),
        ("<p>{{ count }} of {{ total }}</p>", ["of"]),
        ("<dt>{# Paid #}</dt><kbd>Esc</kbd> <b>EV</b> 3 km", []),
        ('<img alt="A car">', ["A car"]),
        ('<a title="{% translate "A car" %}">', []),
        ('{% include "empty.html" with title="No cars" tone="ok" %}', ["No cars"]),
        ('{% include "empty.html" with title=_("No cars") tone="ok" %}', []),
        ('{{ note|default:"None" }}', ["None"]),
        ("{{ count|pluralize }}", ["{{ count|pluralize }}"]),
        ('<button data-busy="Wait…">', ["Wait…"]),
    ],
)
def test_untranslated_texts_of_templates_are_found(template, left):
    assert untranslated(template) == left


# ---- scripts

WRITTEN = re.compile(r"""(?:textContent|innerText|title|placeholder) = .*?(["'`])(?=[^"'`\n]*[^\W\d_]{2})[^"'`\n]*\1""")


PLACE = re.compile(r"\$?{[^{}\n]*}")


def test_scripts_write_texts_that_templates_gave_them():
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    assert scripts
    assert {path.name: found for path in scripts if (found := WRITTEN.findall(PLACE.sub("", path.read_text())))} == {}


# ---- code

NAMED = {
    "description",
    "empty_label",
    "help_text",
    "label",
    "message",
    "verbose_name",
    "verbose_name_plural",
}
# Calls that show what they are given: which of their arguments.
SHOWN: dict[str, slice] = {
    "FieldError": slice(1, 2),
    "MenuEntry": slice(0, 1),
    "Result": slice(1, 4),
    "ValidationError": slice(0, 1),
    "add_error": slice(1, 2),
}
TO_PERSON = {"success", "info", "warning", "error"}


def modules(place: str) -> list[Path]:
    found = [one for path in ROOT.glob(place) for one in ([path] if path.is_file() else path.rglob("*.py"))]
    return sorted(
        one for one in found if "migrations" not in one.parts and str(one.relative_to(ROOT)) not in FOR_COMMANDS
    )


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _refusals() -> set[str]:
    """The names of DomainError and all that come from it."""
    bases: dict[str, set[str]] = {}
    for path in ROOT.glob("*/**/*.py"):
        if path.relative_to(ROOT).parts[0] in {"tests", ".venv", "bench"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(map(_name, node.bases))
    known = {"DomainError"}
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return known


REFUSALS = _refusals()


def bare(node: ast.expr | None) -> Iterator[ast.expr]:
    """The literals and f-strings with words that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if LETTER.search(SAME_EVERYWHERE.sub("", node.value)):
            yield node
    elif isinstance(node, ast.JoinedStr):
        words = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        if LETTER.search(SAME_EVERYWHERE.sub("", words)):
            yield node
    elif isinstance(node, ast.IfExp):
        yield from bare(node.body)
        yield from bare(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from bare(value)
    elif isinstance(node, ast.BinOp):
        yield from bare(node.left)
        yield from bare(node.right)


def _choices(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.List | ast.Tuple):
        for pair in node.elts:
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                yield from bare(pair.elts[1])
    elif isinstance(node, ast.ListComp) and isinstance(node.elt, ast.Tuple):
        yield from bare(node.elt.elts[-1])


def _of_call(node: ast.Call) -> Iterator[ast.expr]:
    name = _name(node.func)
    for keyword in node.keywords:
        if keyword.arg in NAMED and name not in {"Schema", "Query", "Path", "Field", "extend_schema"}:
            yield from bare(keyword.value)
        elif keyword.arg == "choices":
            yield from _choices(keyword.value)
        elif keyword.arg == "error_messages" and isinstance(keyword.value, ast.Dict):
            for value in keyword.value.values:
                yield from bare(value)
    shown = node.args[SHOWN[name]] if name in SHOWN else node.args[:1] if name in REFUSALS else []
    if name in TO_PERSON and isinstance(node.func, ast.Attribute) and _name(node.func.value) == "messages":
        shown = node.args[1:2]
    for argument in shown:
        yield from bare(argument)


def _of_class(node: ast.ClassDef) -> Iterator[ast.expr]:
    if any(_name(base).endswith("Choices") for base in node.bases):
        for member in node.body:
            if isinstance(member, ast.Assign) and isinstance(member.value, ast.Tuple):
                yield from bare(member.value.elts[-1])
            elif isinstance(member, ast.Assign):
                yield from bare(member.value)
    if node.name in REFUSALS:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                for argument in call.args[:1]:
                    yield from bare(argument)


def _of_assignment(node: ast.Assign | ast.AnnAssign) -> Iterator[ast.expr]:
    for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:
        if re.search(r"(?:LABELS|WORDS)$", _name(target)) and isinstance(node.value, ast.Dict):
            for value in node.value.values:
                yield from bare(value)
        in_messages = isinstance(target, ast.Subscript) and _name(target.value) == "error_messages"
        if in_messages or _name(target) in {"label", "help_text", "verbose_name", "verbose_name_plural"}:
            yield from bare(node.value)
        elif isinstance(target, ast.Attribute) and target.attr == "choices" and node.value:
            yield from _choices(node.value)


def unmarked(source: str) -> list[ast.expr]:
    """The literals that a module shows as they are written."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            found += _of_call(node)
        elif isinstance(node, ast.ClassDef):
            found += _of_class(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found += _of_assignment(node)
    return found


@pytest.mark.parametrize("place", CODE)
def test_every_text_of_code_is_translated(place):
    assert modules(place)
    left = [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for path in modules(place)
        for node in unmarked(path.read_text())
    ]

    assert left == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('CharField(label="Plate")', 1),
        ('CharField(label=_("Plate"))', 0),
        ('raise ConflictError("It left.")', 1),
        ('raise ConflictError(f"{car} left.")', 1),
        ('raise ConflictError(_("%(car)s left.") % {"car": car})', 0),
        ('raise ConflictError("It left." if left else _("It stays."))', 1),
        ('raise ValueError("no such stage")', 0),
        ('messages.success(request, "Saved.")', 1),
        ('log.error("not saved", 1)', 0),
        ('ChoiceField(choices=[("owe", "stays owed")])', 1),
        ('class Kind(TextChoices):\n    CAR = "car", "Car"', 1),
        ('class Kind(TextChoices):\n    CAR = "car", _("Car")', 0),
        ('form.add_error("plate", "No plate.")', 1),
        ('field.label = "Plate"', 1),
        ('SPOT_LABELS = {SpotType.EV: "Electric"}', 1),
        ('SPOT_LABELS = {SpotType.EV: _("Electric")}', 0),
    ],
)
def test_unmarked_texts_of_code_are_found(source, count):
    assert len(unmarked(source)) == count


@pytest.mark.parametrize("place", CODE)
def test_name_of_gettext_is_used_for_nothing_else(place):
    """Assigned anywhere in a function, `_` is local in all of it, and the call fails."""
    functions = [
        (path, node)
        for path in modules(place)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    ]
    hidden = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path, function in functions
        if (names := [one for one in ast.walk(function) if isinstance(one, ast.Name) and one.id == "_"])
        and {type(one.ctx) for one in names} == {ast.Load, ast.Store}
    ]
    assert hidden == []


def _marked(source: str) -> Iterator[str]:
    """The texts of a module that go through gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and re.fullmatch(r"_|text|n?gettext(?:_lazy)?", _name(node.func)):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_no_text_names_a_class():
    """Where a class was renamed by searching for a word, the word that people read was not meant."""
    sources = [path.read_text() for place in CODE for path in modules(place)]
    names = {name for source in sources for name in re.findall(r"^class ([A-Z][a-z]+[A-Z]\w+)", source, re.MULTILINE)}
    texts = [text for source in sources for text in _marked(source)]
    texts += [
        UNSEEN.sub("", path.read_text())
        for folder in TEMPLATES
        for path in templates(folder)
        if path.suffix in {".html", ".txt"}
    ]

    assert len(names) > 500
    assert len(texts) > 2000
    assert [text for text in texts if names.intersection(re.findall(r"\w+", text))] == []
