"""Each invariant of exports is broken by SQL, and exactly that one is reported."""

import pytest
from django.db import connection
from django.utils.timezone import now

from exports.services import ExportOrder, ask_export
from tests.factories import make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("state = 'cancelled', file = 'x', finished_at = now() - interval '2 hours'", ["files_are_offered_or_removed"]),
        ("state = 'cancelled', file = 'x', finished_at = now() - interval '2 minutes'", []),
        (
            "state = 'ready', file = 'x', size = 1, finished_at = now(), expires_at = now() - interval '2 hours'",
            ["files_are_offered_or_removed"],
        ),
        ("state = 'running'", ["exports_take_turns"]),
        ("created_at = now() - interval '2 days'", ["exports_take_turns"]),
    ],
)
def test_verify_names_what_was_broken(change, named):
    person = make_user()
    for _ in range(2):
        ask_export(owner=person, order=ExportOrder("stays", "own"), at=now())
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE exports_export SET {change}")  # noqa: S608 our own

    assert [one.split(":")[0] for one in broken()] == named
