"""Every table has one writer: the services of the app that it belongs to."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
OTHERS = ["analytics", "api", "common", "desk", "driver", "entrance", "office", "parking", "shop", "sites", "traffic"]
OWNER = {model.__name__: model._meta.app_label for model in apps.get_models() if model._meta.app_label in ROOMS}
TABLES = {model._meta.db_table: OWNER[model.__name__] for model in apps.get_models() if model.__name__ in OWNER}

OF_A_MANAGER = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete"}
WHOSEVER = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
"""Names that write whatever they are called on."""
SQL = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")

# Beside the `services` of their own app, these write; each says why in its docstring.
EXCEPTIONS = {
    "accounts/applications.py": "services of accounts, a topic each",
    "accounts/api_keys.py": "services of accounts, a topic each",
    "accounts/blocklist.py": "services of accounts, a topic each",
    "accounts/devices_seen.py": "services of accounts, a topic each",
    "accounts/erasure.py": "services of accounts, a topic each",
    "accounts/profiles.py": "services of accounts, a topic each",
    "accounts/invitations.py": "services of accounts, a topic each",
    "accounts/kept_answers.py": "services of accounts, a topic each",
    "accounts/merchants.py": "services of accounts, a topic each",
    "accounts/ownership.py": "services of accounts, a topic each",
    "accounts/permits.py": "services of accounts, a topic each",
    "accounts/people.py": "services of accounts, a topic each",
    "accounts/sealed_factors.py": "rows of allauth",
    "accounts/setting_up.py": "services of accounts, a topic each",
    "accounts/models/users.py": "the manager by which Django itself makes a person",
    "api/tokens.py": "a session, which is Django's",
    "billing/documents/": "services of billing, for what is issued",
    "billing/providers/simulated.py": "an acquirer of its own, whose books are pretended to be elsewhere",
    "billing/shifts/": "services of billing, a topic of its own",
    "common/db/row_imports.py": "the steps of a file of rows, for the services of the rooms that have them",
    "exports/file_store.py": "files in a storage, which are no rows",
    "gates/reads/statements.py": "the prepared statements of the gate path, with what services would do",
    "lots/pictures.py": "pictures in memory, which are no rows",
    "notifications/delivery.py": "the sender of a message records its state",
    "notifications/phone_codes.py": "services of notifications, a topic each",
    "notifications/posting.py": "the sender records how a provider answers",
    "notifications/reachability.py": "services of notifications, a topic each",
    "notifications/summaries.py": "services of notifications, a topic each",
    "notifications/wishes.py": "services of notifications, a topic each",
    "notifications/text_delivery.py": "the sender of a text records its state",
    "traffic/demo/": "a past that never was, written in bulk",
    "traffic/week/week_run.py": "mails to made-up drivers, which nobody is to get",
}


def modules() -> Iterator[Path]:
    for room in sorted({*ROOMS, *OTHERS}):
        yield from (path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def model_of(node: ast.expr) -> str | None:
    """Return the model that a chain of calls begins with: `Ticket` of `Ticket.objects.filter(…)`."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name):
            return node.value.id
        node = node.func if isinstance(node, ast.Call) else node.value
    return None


def writes_of(source: str) -> Iterator[tuple[int, str | None]]:
    """Yield the lines that write, each with the app whose table it is, None when that can't be seen."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, TABLES[table]) for table in SQL.findall(node.value) if table in TABLES)
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _called(call: ast.Call) -> Iterator[tuple[int, str | None]]:
    if isinstance(call.func, ast.Name):
        if call.func.id == "add_unless_taken":
            yield call.lineno, None
        return
    if not isinstance(call.func, ast.Attribute):
        return
    name, model = call.func.attr, model_of(call.func.value)
    # `delete()` of a row or a queryset names nothing, `update(…)` of a queryset only fields; others' take positions.
    bare = name == "delete" and not call.args and not call.keywords
    fields = name == "update" and not call.args and bool(call.keywords)
    if model in OWNER and name in OF_A_MANAGER:
        yield call.lineno, OWNER[model]
    elif model is None and (name in WHOSEVER or bare or fields):
        yield call.lineno, None


def is_writer(place: str, app: str | None) -> bool:
    """Return whether a module is of an app's services; of any app's where the table can't be seen."""
    room, *rest = Path(place).with_suffix("").parts
    return rest[0] == "services" and app in {None, room}


def outsiders() -> Iterator[tuple[str, int]]:
    for path in modules():
        place = str(path.relative_to(ROOT))
        yield from ((place, line) for line, app in writes_of(path.read_text()) if not is_writer(place, app))


def test_tables_are_written_by_the_services_of_their_app():
    found = [f"{place}:{line}" for place, line in outsiders() if not place.startswith(tuple(EXCEPTIONS))]

    assert sorted(found) == []


def test_exceptions_are_needed():
    places = [place for place, _ in outsiders()]

    assert [known for known in EXCEPTIONS if not any(place.startswith(known) for place in places)] == []


@pytest.mark.parametrize(
    ("source", "app"),
    [
        ("Ticket.objects.filter(pk=1).update(status='void')", "tickets"),
        ("Debt.objects.create(amount=1)", "billing"),
        ("spot.save(update_fields=['hold'])", None),
        ("lot.gates.all().delete()", None),
        ("waiting.update(**offer)", None),
        ("add_unless_taken(payment, 'idempotency_key')", None),
        ("cursor.execute('UPDATE lots_spot SET hold = NULL')", "lots"),
    ],
)
def test_writes_are_found(source, app):
    assert [found for _, found in writes_of(source)] == [app]


@pytest.mark.parametrize("source", ["digest.update(b'x')", "self.delete(part)", "Ticket.objects.filter(pk=1).first()"])
def test_reads_are_no_writes(source):
    assert list(writes_of(source)) == []
