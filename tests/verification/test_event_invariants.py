"""Each invariant of events is broken by SQL, and exactly that one is reported."""

import pytest
from django.db import connection
from django.utils.timezone import now

from events.models import EventStream, StreamCursor
from events.services import number_events, plan_deliveries
from tests.events.receivers import hook, record
from tests.factories import make_operator
from tests.invariants import broken

OLD = """
events_event (kind, subject, operator_id, at, recorded_at, data)
SELECT kind, subject, operator_id, at, at - interval '2 hours', data FROM events_event WHERE number = 2
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE events_eventcounter SET last = 9", ["events_are_numbered"]),
        ("DELETE FROM events_event WHERE number = 3", ["events_are_numbered"]),
        (
            f"INSERT INTO {OLD}",
            ["events_are_numbered"],
        ),
        (
            "UPDATE events_webhookdelivery SET state = 'delivered', tries = 1 WHERE number = 4",
            ["subjects_are_delivered_in_order"],
        ),
        ("UPDATE events_streamcursor SET after = 5", ["streams_follow_events"]),
    ],
)
def test_verify_names_what_was_broken(statement, named):
    operator = make_operator()
    hook(operator, "https://example.com/")
    record(operator, "lot:a", "lot:b", "lot:b", "lot:b")
    number_events()
    plan_deliveries(at=now())
    stream = EventStream.objects.create(label="redis/parking-events", created_at=now())
    StreamCursor.objects.create(stream=stream, operator=operator, after=4)
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM events_webhookdelivery WHERE number = 3")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")

    assert [one.split(":")[0] for one in broken()] == named
