"""A stream gets every event, those of a lot in their order, whatever dies in between."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from io import StringIO

import pytest
import redis
from confluent_kafka import KafkaError, KafkaException
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now

from events.models import Event, EventStream, StreamCursor
from events.services import number_events, run_stream, stream_events, streaming
from events.stream_address import StreamAddress, stream_address
from events.streams.kafka_topic import KafkaTopic
from events.streams.stream_server import StreamAwayError, StreamEntry
from tests.at_once import at_once
from tests.events.stream_servers import mock_kafka, own_redis
from tests.factories import make_operator
from tests.in_time import assert_in_time

pytestmark = pytest.mark.django_db(transaction=True)
LOTS = ["central", "airport", "north", None]
SENDER = """
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
django.setup()
from django.utils.timezone import now
from events.services import streaming
from events.stream_address import stream_address
streaming.BATCH = 7
streaming.stream_events(stream_address({address!r}, own_redis=""), clock=now, seconds=60)
"""


@pytest.fixture(autouse=True)
def _own_connection():
    streaming._kept.drop()
    yield
    streaming._kept.drop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with own_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def cluster():
    with mock_kafka() as cluster:
        yield cluster


@pytest.fixture
def fresh(server):
    with redis.Redis(port=server.port) as client:
        client.flushall()
    return server


def record(operator, count: int) -> None:
    """Record events of several lots, and some of none."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO events_event (kind, subject, operator_id, lot, at, data)"
            " VALUES ('lot.full', 'lot:x', %s, %s, now(), '{\"total\": 3}')",
            [[operator.pk, LOTS[place % len(LOTS)]] for place in range(count)],
        )


def send(address: StreamAddress, *, later: dt.timedelta = dt.timedelta(0), seconds: float = 20) -> int:
    return stream_events(address, clock=lambda: now() + later, seconds=seconds)


def firsts(numbers: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Return the numbers of each key in the order in which they came first, as who ignores what it knows sees them."""
    seen: dict[str, list[int]] = defaultdict(list)
    for key, number in numbers:
        if number not in seen[key]:
            seen[key].append(number)
    return dict(seen)


def expected(operator) -> dict[str, list[int]]:
    recorded: dict[str, list[int]] = defaultdict(list)
    for number, lot in Event.objects.filter(operator=operator).order_by("number").values_list("number", "lot"):
        recorded[lot or operator.slug].append(number)
    return dict(recorded)


def got(server) -> dict[str, list[int]]:
    return firsts((lot or operator, event["id"]) for operator, lot, event in server.entries())


def test_entry_is_the_event_of_the_feed(fresh):
    operator = make_operator()
    record(operator, 4)
    assert send(fresh.address) == 4

    *_, (slug, lot, last) = fresh.entries()
    assert (slug, lot) == (operator.slug, "")
    assert last["lot"] is None
    first = fresh.entries()[0]
    assert first[:2] == (operator.slug, "central")
    assert {**first[2], "timestamp": ""} == {
        "id": 1,
        "type": "lot.full",
        "timestamp": "",
        "subject": "lot:x",
        "lot": "central",
        "data": {"total": 3},
    }
    cursor = StreamCursor.objects.get()
    assert (cursor.after, cursor.sent_at is not None) == (4, True)
    assert send(fresh.address) == 0


def test_events_of_many_operators_go_on_each_from_its_own(fresh):
    operators = [make_operator() for _ in range(3)]
    for operator in [*operators, operators[0]]:
        record(operator, 10)
        send(fresh.address)

    for operator in operators:
        numbers = [event["id"] for slug, _, event in fresh.entries() if slug == operator.slug]
        assert numbers == list(range(1, 21 if operator == operators[0] else 11))


def test_sender_that_is_killed_again_and_again_loses_nothing_and_keeps_the_order(fresh):
    operator = make_operator()
    record(operator, 1200)
    number_events()
    code = SENDER.format(address=f"redis://127.0.0.1:{fresh.port}/0/parking", database=connection.settings_dict["NAME"])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    with redis.Redis(port=fresh.port) as client:
        for part in (60, 300):
            sender = subprocess.Popen([sys.executable, "-c", code], env=environment)
            until = time.monotonic() + 30
            while client.xlen("parking") < part:
                assert sender.poll() is None
                assert time.monotonic() < until
            sender.send_signal(signal.SIGKILL)
            sender.wait()
    assert 0 < StreamCursor.objects.get().after < 1200
    send(fresh.address)

    assert got(fresh) == expected(operator)


def test_batch_whose_sender_dies_before_it_is_noted_comes_again(fresh, monkeypatch):
    operator = make_operator()
    record(operator, 20)
    monkeypatch.setattr(streaming, "BATCH", 8)

    def die(*_arguments) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(streaming, "_move", die)
        with pytest.raises(KeyboardInterrupt):
            send(fresh.address)
    assert send(fresh.address) == 20

    assert [event["id"] for _, _, event in fresh.entries()] == [*range(1, 9), *range(1, 21)]
    assert got(fresh) == expected(operator)


def test_many_senders_at_once_send_each_event_once(fresh, settings):
    settings.EVENTS_STREAM = fresh.address
    operator = make_operator()
    record(operator, 300)
    number_events()
    assert sum(at_once([lambda: run_stream(clock=now) for _ in range(8)])) == 300
    assert [event["id"] for _, _, event in fresh.entries()] == list(range(1, 301))


def test_redis_that_is_killed_in_the_middle_gets_the_rest_when_it_is_back(tmp_path, monkeypatch):
    operator = make_operator()
    monkeypatch.setattr(streaming, "BATCH", 10)
    with own_redis(tmp_path) as server:
        record(operator, 25)
        send(server.address)
        server.kill()
        record(operator, 25)
        began = time.monotonic()
        assert send(server.address) == 0
        assert_in_time(time.monotonic() - began, 2)
        stream = EventStream.objects.get()
        assert (stream.failures, bool(stream.error), stream.failing_since is not None) == (1, True, True)
        server.start()
        assert send(server.address) == 0, "it is left alone for a moment"
        assert send(server.address, later=dt.timedelta(seconds=3)) == 25
        stream.refresh_from_db()
        assert (stream.failures, stream.error, stream.failing_since) == (0, "", None)
        assert got(server) == expected(operator)


def test_silent_redis_costs_seconds_once_a_minute(fresh, monkeypatch):
    monkeypatch.setattr("events.streams.redis_stream.SECONDS", 0.2)
    record(make_operator(), 5)
    os.kill(fresh.process.pid, signal.SIGSTOP)
    try:
        waits = []
        for _ in range(8):
            stream = EventStream.objects.first()
            after = (stream.next_at - now()) if stream else dt.timedelta(0)
            began = time.monotonic()
            assert send(fresh.address, later=after) == 0
            assert_in_time(time.monotonic() - began, 1)
            waits.append(EventStream.objects.get().next_at - now() - after)
    finally:
        os.kill(fresh.process.pid, signal.SIGCONT)
    assert [round(one.total_seconds()) for one in waits] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_redis_that_forgot_gets_again_what_its_length_reaches(tmp_path, settings):
    settings.EVENTS_STREAM_LENGTH = 30
    operator = make_operator()
    with own_redis(tmp_path, durable=False) as server:
        record(operator, 50)
        send(server.address)
        server.kill()
        server.start()
        record(operator, 5)
        assert send(server.address) == 35
        assert [event["id"] for _, _, event in server.entries()] == list(range(21, 56))
        record(operator, 1)
        assert send(server.address) == 1


def test_redis_that_forgot_a_part_gets_that_part(fresh):
    operator = make_operator()
    record(operator, 20)
    send(fresh.address)
    with redis.Redis(port=fresh.port) as client:
        entries = client.xrange("parking")
        client.delete("parking")
        for key, fields in entries[:12]:
            client.xadd("parking", fields, id=key)
    record(operator, 1)

    assert send(fresh.address) == 9
    assert [event["id"] for _, _, event in fresh.entries()] == list(range(1, 22))


def test_stream_keeps_about_so_many_entries(fresh, settings):
    settings.EVENTS_STREAM_LENGTH = 200
    record(make_operator(), 1500)
    assert send(fresh.address) == 1500
    assert 200 <= len(fresh.entries()) < 500


def test_memory_is_bounded_by_the_batch(fresh, monkeypatch):
    monkeypatch.setattr(streaming, "BATCH", 50)
    record(make_operator(), 120)
    sizes = []
    opened = streaming._kept.open(fresh.address)
    send_of = opened.send
    monkeypatch.setattr(opened, "send", lambda entries: (sizes.append(len(entries)), send_of(entries))[1])
    send(fresh.address)
    assert sizes == [50, 50, 20]


def test_run_ends_after_its_time_and_another_goes_on(fresh, monkeypatch):
    monkeypatch.setattr(streaming, "BATCH", 10)
    record(make_operator(), 30)
    assert send(fresh.address, seconds=0.0001) <= 10
    send(fresh.address)
    assert [event["id"] for _, _, event in fresh.entries()] == list(range(1, 31))


def test_events_that_were_removed_meanwhile_are_passed_over(fresh):
    operator = make_operator()
    record(operator, 5)
    number_events()
    Event.objects.all().delete()
    assert send(fresh.address) == 0
    assert StreamCursor.objects.get().after == 5


def rewind(*words: str) -> str:
    said = StringIO()
    call_command("rewind_stream", *words, stdout=said)
    return said.getvalue()


def test_command_rewinds_one_operator_or_all(fresh, settings):
    settings.EVENTS_STREAM = fresh.address
    first, second = make_operator(), make_operator()
    for operator in (first, second):
        record(operator, 5)
    send(fresh.address)
    assert "1 operator" in rewind("3", "--operator", first.slug)
    assert send(fresh.address) == 2
    assert "2 operators" in rewind("0")
    assert send(fresh.address) == 10
    assert "no operator" in rewind("99")
    with pytest.raises(CommandError, match="nobody"):
        rewind("0", "--operator", "nobody")
    with pytest.raises(CommandError, match="begin with 1"):
        rewind("-1")
    settings.EVENTS_STREAM = None
    with pytest.raises(CommandError, match="EVENTS_STREAM"):
        rewind("0")


def test_rewind_in_the_middle_of_a_batch_is_not_undone_by_it(fresh, settings, monkeypatch):
    settings.EVENTS_STREAM = fresh.address
    record(make_operator(), 6)
    send(fresh.address)
    record(Event.objects.first().operator, 4)
    opened = streaming._kept.open(fresh.address)
    send_of = opened.send

    def rewound(entries):
        monkeypatch.setattr(opened, "send", send_of)
        rewind("0")
        return send_of(entries)

    monkeypatch.setattr(opened, "send", rewound)
    send(fresh.address)
    assert [event["id"] for _, _, event in fresh.entries()] == [*range(1, 7), *range(7, 11), *range(1, 11)]


def test_topic_has_all_events_of_a_lot_in_one_partition_in_their_order(cluster):
    operator = make_operator()
    record(operator, 60)
    assert send(cluster.address) == 60
    found = [one for one in cluster.messages(at_least=60) if one[2]["operator"] == operator.slug]

    assert firsts((key, event["id"]) for _, key, _, event in found) == expected(operator)
    assert len({(key, partition) for partition, key, _, _ in found}) == len(LOTS)
    assert all(headers["id"] == str(event["id"]) for _, _, headers, event in found)
    assert {one[1] for one in found} == {"central", "airport", "north", operator.slug}


@pytest.mark.parametrize("dies", ["while it waits", "when it is purged"])
def test_producer_that_can_not_go_on_is_a_server_that_is_away(dies, monkeypatch):
    """One that is purged while a request is under way is dead by that, and its poll says so."""

    class Dying:
        purged = False

        def produce(self, *_message, **_more):
            """Take a message, and never confirm it."""

        def purge(self):
            self.purged = True

        def poll(self, _seconds):
            if self.purged or dies == "while it waits":
                raise KafkaException(KafkaError(KafkaError._GAPLESS_GUARANTEE, "purged in flight", fatal=True))

    monkeypatch.setattr("events.streams.kafka_topic.SECONDS", 0.05)
    topic = KafkaTopic(StreamAddress("kafka", "127.0.0.1:1", "parking", "kafka", {}))
    topic._producer = Dying()
    with pytest.raises(StreamAwayError):
        topic.send([StreamEntry("operator", "lot", 1, b"{}")])
    topic.close()


def test_topic_whose_brokers_hang_in_the_middle_gets_all_in_order(cluster, monkeypatch):
    monkeypatch.setattr(streaming, "BATCH", 20)
    monkeypatch.setattr("events.streams.kafka_topic.SECONDS", 1.0)
    operator = make_operator()
    record(operator, 40)
    send(cluster.address)
    record(operator, 60)
    cluster.freeze()
    try:
        began = time.monotonic()
        assert send(cluster.address) == 0
        assert_in_time(time.monotonic() - began, 3)
        assert send(cluster.address, later=dt.timedelta(seconds=3)) == 0
        assert EventStream.objects.get().failures == 2
    finally:
        cluster.thaw()
    monkeypatch.setattr("events.streams.kafka_topic.SECONDS", 10.0)
    assert send(cluster.address, later=dt.timedelta(minutes=2)) == 60

    found = [one for one in cluster.messages(at_least=100) if one[2]["operator"] == operator.slug]
    assert firsts((key, event["id"]) for _, key, _, event in found) == expected(operator)


@pytest.mark.parametrize(
    ("setting", "kind", "server", "name", "label"),
    [
        ("redis", "redis", "unix:///own", "parking-events", "redis/parking-events"),
        ("redis://:pw@h:1/2/n", "redis", "redis://:pw@h:1/2", "n", "redis://h:1/2/n"),
        ("rediss://u:pw@h/0/n?x=1", "redis", "rediss://u:pw@h/0?x=1", "n", "rediss://h/0/n"),
        ("kafka://a:1,b:2/t", "kafka", "a:1,b:2", "t", "kafka://a:1,b:2/t"),
        ("kafka://u:p%40@a:1/t", "kafka", "a:1", "t", "kafka://a:1/t"),
    ],
)
def test_setting_says_where_the_stream_leads(setting, kind, server, name, label):
    address = stream_address(setting, own_redis="unix:///own")
    assert address
    assert (address.kind, address.server, address.name, address.label) == (kind, server, name, label)
    assert "pw" not in repr(address)
    if "u:p" in setting and kind == "kafka":
        assert address.options["sasl.password"] == "p@"
        assert address.options["security.protocol"] == "SASL_SSL"


@pytest.mark.parametrize("setting", ["http://x/y", "redis://h/0", "redis://h/n", "kafka://h:1", "kafka:///t", "x"])
def test_setting_that_leads_nowhere_is_refused(setting):
    with pytest.raises(ImproperlyConfigured, match="EVENTS_STREAM"):
        stream_address(setting, own_redis="")


def test_no_setting_is_no_stream(settings):
    settings.EVENTS_STREAM = stream_address("", own_redis="")
    record(make_operator(), 1)
    assert run_stream(clock=now) == 0
