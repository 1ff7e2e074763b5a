"""What a process that streams sends to whom, and when, with a clock that jumps."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from common.web.streams import Followed
from parking.streaming import change_listener, followers, stream_hub
from parking.streaming.followers import GAP_SECONDS
from parking.streaming.stream_hub import CHECK_SECONDS, TOPIC_SECONDS, StreamLimits
from tests.streams.fakes import NO_LIMITS, Hub
from tests.streams.loops import run_in_a_thread


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to what comes next instead of waiting."""

    skipped = 0.0

    def time(self) -> float:
        return super().time() + self.skipped

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self.skipped += max(0.0, self._scheduled[0].when() - self.time())
        super()._run_once()


@pytest.fixture(autouse=True)
def no_redis(monkeypatch):
    """Leave what Redis would tell to the tests."""

    async def silent(_listener):
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(change_listener.ChangeListener, "listen", silent)


def played(scene: Callable[[Hub], Awaitable[None]], limits: StreamLimits = NO_LIMITS) -> None:
    async def play() -> None:
        hub = Hub(limits)
        await hub.begin()
        hub.streams.hears(True)
        await scene(hub)
        for task in hub.serving:
            task.cancel()

    run_in_a_thread(play(), JumpingLoop)


def test_who_follows_a_lot_is_told_what_is_free_there_and_nobody_else():
    async def scene(hub):
        one, other = hub.follow("counts:1"), hub.follow("counts:2")
        await hub.settle()
        hub.free[1] = 4
        hub.streams.changed(["counts:1", "lot:1"])
        await asyncio.sleep(1)
        assert one.named("counts") == [{"lot": "lot-1", "free": 4, "total": 9, "levels": {"0": 4}, "spread": 0.05}]
        assert other.named("counts") == []

    played(scene)


def test_it_begins_with_how_to_come_back_and_whether_it_is_live():
    async def scene(hub):
        client = hub.follow("lot:1")
        await hub.settle()
        assert client.status == 200
        assert client.got.startswith("retry: ")
        assert client.events == [("beat", "on")]

    played(scene)


def test_many_changes_of_a_lot_are_few_events_and_the_last_one_counts():
    async def scene(hub):
        client = hub.follow("counts:1")
        await hub.settle()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(1000):
            hub.free[1] = number % 9
            hub.streams.changed(["counts:1"])
            await asyncio.sleep(0.005)
        hub.free[1] = 7
        hub.streams.changed(["counts:1"])
        await asyncio.sleep(1)
        most = (loop.time() - began) / TOPIC_SECONDS + 1
        assert 5 <= len(client.named("counts")) <= most
        assert hub.asked <= most
        assert client.named("counts")[-1]["free"] == 7

    played(scene)


def test_first_change_after_a_rest_is_told_at_once():
    async def scene(hub):
        client = hub.follow("lot:1")
        await asyncio.sleep(5)
        hub.streams.changed(["lot:1"])
        await asyncio.sleep(0.1)
        assert len(client.named("lot")) == 1

    played(scene)


def test_what_is_told_as_before_is_not_sent_again():
    async def scene(hub):
        client = hub.follow("counts:1")
        hub.free[1] = 3
        for _ in range(3):
            hub.streams.changed(["counts:1"])
            await asyncio.sleep(1)
        assert len(client.named("counts")) == 1

    played(scene)


def test_one_that_follows_500_lots_gets_an_event_every_quarter_second_at_most():
    async def scene(hub):
        topics = [f"lot:{key}" for key in range(500)]
        client = hub.follow(*topics)
        for _ in range(20):
            hub.streams.changed(topics)
            await asyncio.sleep(0.1)
        assert 1 <= len(client.named("lot")) <= 2 / GAP_SECONDS + 1

    played(scene)


def test_a_stream_ends_after_some_bytes_and_who_comes_back_has_missed_nothing(monkeypatch):
    monkeypatch.setattr(followers, "MOST_SENT", 500)

    async def scene(hub):
        client = hub.follow("counts:1")
        for number in range(6):
            hub.free[1] = number % 2
            hub.streams.changed(["counts:1"])
            await asyncio.sleep(1)
        assert hub.serving[0].done()
        assert 500 < len(client.got) < 800
        back = hub.follow("counts:1", last=client.last_id)
        await asyncio.sleep(1)
        assert [told["free"] for told in back.named("counts")] == [1]

    played(scene)


def test_who_is_gone_is_forgotten_at_once():
    async def scene(hub):
        client = hub.follow("lot:1", who="person:1")
        await hub.settle()
        client.gone.set_result(None)
        await hub.settle()
        assert hub.serving[0].done()
        assert hub.streams._followers == set()
        assert (hub.streams._topics, hub.streams._of) == ({}, {})

    played(scene)


def test_a_quiet_stream_shows_that_it_lives():
    async def scene(hub):
        client = hub.follow("lot:1")
        await asyncio.sleep(60)
        assert 4 <= len(client.named("beat")) <= 6

    played(scene)


def test_while_redis_is_away_everybody_knows_and_afterwards_learns_what_was_missed():
    async def scene(hub):
        client, hub.free[1] = hub.follow("counts:1", "lot:1"), 4
        hub.streams.changed(["counts:1", "lot:1"])
        await asyncio.sleep(1)
        hub.streams.hears(False)
        await asyncio.sleep(1)
        assert client.named("beat")[-1] == "off"
        told = len(client.events)
        hub.streams.hears(True)
        await asyncio.sleep(1)
        assert client.named("beat")[-1] == "on"
        assert {name for name, _data in client.events[told:]} == {"beat", "counts", "lot"}

    played(scene)


def test_who_comes_back_and_has_missed_nothing_is_told_nothing():
    async def scene(hub):
        hub.free[1] = 4
        first = hub.follow("counts:1")
        hub.streams.changed(["counts:1"])
        await asyncio.sleep(1)
        back = hub.follow("counts:1", last=first.last_id)
        await asyncio.sleep(1)
        assert back.named("counts") == []

    played(scene)


def test_who_comes_back_after_a_change_is_told_once():
    async def scene(hub):
        hub.free[1] = 4
        first = hub.follow("counts:1")
        await hub.settle()
        hub.streams.changed(["counts:1"])
        await asyncio.sleep(60)
        back = hub.follow("counts:1", last=first.last_id.partition("-")[0] + "-0")
        await asyncio.sleep(1)
        assert [told["free"] for told in back.named("counts")] == [4]
        assert len(first.named("counts")) == 1

    played(scene)


@pytest.mark.parametrize("wrong", ["", "-", "x", "1-1", "0" * 5000, "{0}-", "{0}--3", "{0}-²", "{0}-1e9", "\ud800"])
def test_an_unknown_last_event_is_answered_by_one_event(wrong):
    async def scene(hub):
        hub.free[1] = 4
        hub.streams.changed(["counts:1"])
        await asyncio.sleep(60)
        client = hub.follow("counts:1", last=wrong.replace("{0}", hub.streams._boot))
        await asyncio.sleep(1)
        assert client.status == 200
        assert len(client.named("counts")) == 1

    played(scene)


def test_what_changed_just_before_somebody_began_is_told():
    async def scene(hub):
        hub.free[1] = 4
        hub.streams.changed(["counts:1"])
        await asyncio.sleep(2)
        soon = hub.follow("counts:1")
        await asyncio.sleep(60)
        late = hub.follow("counts:1")
        await asyncio.sleep(1)
        assert len(soon.named("counts")) == 1
        assert late.named("counts") == []

    played(scene)


@pytest.mark.parametrize("may", [None, Followed(("lot:2",), "person:1"), Followed(("lot:1",), "person:2")])
def test_who_may_no_longer_follow_is_parted_with(may):
    async def scene(hub):
        hub.follow("lot:1", who="person:1")
        hub.may = may
        await asyncio.sleep(CHECK_SECONDS * 1.5)
        assert hub.serving[0].done()

    played(scene)


@pytest.mark.parametrize("may", [Followed(("lot:1",), "person:1"), RuntimeError("the database is away")])
def test_who_may_follow_and_who_can_not_be_checked_goes_on(may):
    async def scene(hub):
        hub.follow("lot:1", who="person:1")
        hub.may = may
        await asyncio.sleep(CHECK_SECONDS * 5)
        assert not hub.serving[0].done()

    played(scene)


def test_there_is_a_most_of_a_person_of_an_address_and_in_all():
    async def scene(hub):
        people = [hub.follow("lot:1", who="person:1") for _ in range(3)]
        strangers = [hub.follow("lot:1") for _ in range(3)]
        await hub.settle()
        assert [client.status for client in people] == [200, 200, 429]
        assert [client.status for client in strangers] == [200, 200, 429]
        hub.follow("lot:1", who="address:2.2.2.2")
        more = hub.follow("lot:1", who="person:2")
        await hub.settle()
        assert more.status == 503
        people[0].gone.set_result(None)
        await hub.settle()
        again = hub.follow("lot:1", who="person:1")
        await hub.settle()
        assert again.status == 200

    played(scene, StreamLimits(at_once=5, per_person=2, per_address=2))


def test_the_more_follow_a_lot_the_longer_their_pages_wait():
    async def scene(hub):
        clients = [hub.follow("lot:1") for _ in range(200)]
        await hub.settle()
        hub.streams.changed(["lot:1"])
        await asyncio.sleep(1)
        assert {client.named("lot")[0]["spread"] for client in clients} == {200 / stream_hub.REFETCHES_PER_SECOND}

    played(scene)
