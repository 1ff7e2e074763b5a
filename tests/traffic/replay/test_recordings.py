"""Reading recordings: formats, faults with their line, and the passages that counts and stays amount to."""

import datetime as dt
import gzip
from collections import Counter
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.gate_rules import Direction
from traffic.replay.counts import LEAVING_SOON, changes, in_order, is_unordered, movements
from traffic.replay.mapping import MappingError, facilities_of
from traffic.replay.passages import Facility, RecordedPassage, Stays, of_counts, of_sessions
from traffic.replay.plan import ReplayPlan
from traffic.replay.recording import Days, Recording
from traffic.replay.recording_rows import OccupancyCount, ReplayFileError, Session
from traffic.replay.tally import BUCKETS, Tally, differences

LONDON = ZoneInfo("Europe/London")
START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)

SESSIONS = "arrival,departure,vehicle\n"
OCCUPANCY = "lot,capacity,occupied,at\n"


def recording(tmp_path: Path, text: str, name: str = "rows.csv", **fields) -> Recording:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return Recording(path, **{"zone_of": lambda _: LONDON} | fields)


def rows(found: Recording, **options) -> list:
    return [row for _, row in found.rows(**options)]


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
def test_sessions_are_read_with_their_offset_plain_and_compressed(tmp_path, name):
    found = recording(tmp_path, SESSIONS + "2026-03-02T09:00:00+01:00,2026-03-02T08:30:00Z,zh 1\n", name)

    assert rows(found) == [Session(START, START + 30 * MINUTE, "zh 1")]


def test_local_times_are_those_of_the_lot_also_in_summer(tmp_path):
    found = recording(tmp_path, OCCUPANCY + "A,9,1,2016-07-01T08:00:00\nA,9,2,2016-12-01T08:00:00\n")

    assert [row.at for row in rows(found)] == [
        dt.datetime(2016, 7, 1, 7, tzinfo=dt.UTC),
        dt.datetime(2016, 12, 1, 8, tzinfo=dt.UTC),
    ]


def test_header_may_be_in_any_order_and_case_with_more_columns_and_a_byte_order_mark(tmp_path):
    found = recording(tmp_path, "\ufeffAt, Station ,Occupied\n2026-03-02T08:00:00Z,x,3\n")

    assert rows(found) == [OccupancyCount(START, 3)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a,b\n1,2\n", "Line 1: the header needs"),
        ("", "it has nothing"),
        ("arrival,departure,occupied,at\n", "Line 1"),
        (SESSIONS + "2026-03-02T08:00:00Z,2026-03-02T09:00:00Z,A\nyesterday,x,A\n", "line 3: arrival is no date"),
        (SESSIONS + "1026-03-02T08:00:00Z,2026-03-02T09:00:00Z,A\n", "line 2: arrival is not in the years"),
        (SESSIONS + "2026-03-02T08:00:00Z,2026-03-02T09:00:00Z,???\n", "line 2: vehicle is no plate"),
        (SESSIONS + "2026-03-02T08:00:00Z,2026-03-02T09:00:00Z,ABCDEFGHIJKLMNOPQRSTUVWXYZ\n", "line 2: vehicle"),
        (SESSIONS + "2026-03-02T08:00:00Z\n", "line 2: the row has another number of cells"),
        (OCCUPANCY + "A,9,many,2026-03-02T08:00:00Z\n", "line 2: occupied is no whole number: 'many'"),
        (OCCUPANCY + "A,nine,1,2026-03-02T08:00:00Z\n", "line 2: capacity is no whole number"),
        (OCCUPANCY + "A,9,99999999,2026-03-02T08:00:00Z\n", "line 2: occupied is beyond any garage"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path, text, complaint):
    with pytest.raises(ReplayFileError, match=complaint):
        rows(recording(tmp_path, text))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"occupied,at\n1,\xe9\n"])
def test_what_is_no_text_is_refused(tmp_path, content):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)

    with pytest.raises(ReplayFileError, match="line 1"):
        rows(Recording(path, lambda _: LONDON))


def test_damaged_archives_and_missing_files_are_refused(tmp_path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(OCCUPANCY.encode() * 100)[:-20])
    with pytest.raises(ReplayFileError, match="line"):
        rows(Recording(path, lambda _: LONDON))
    with pytest.raises(ReplayFileError, match="can't be opened"):
        rows(Recording(tmp_path / "nothing.csv", lambda _: LONDON))


def test_bad_rows_are_counted_when_they_may_be_skipped(tmp_path):
    text = OCCUPANCY + "A,9,1,2026-03-02T08:00:00Z\nA,9,x,2026-03-02T08:10:00Z\nA,9\n\nA,9,2,2026-03-02T08:20:00Z\n"
    bad = Counter()

    assert [row.occupied for row in rows(recording(tmp_path, text, skips_bad=True), bad=bad)] == [1, 2]
    assert bad == {"unreadable": 2}


def test_days_are_local_and_both_included(tmp_path):
    text = OCCUPANCY + "".join(f"A,9,{day},2026-07-0{day}T23:30:00Z\n" for day in range(1, 6))
    days = Days(dt.date(2026, 7, 3), dt.date(2026, 7, 4))

    assert [row.occupied for row in rows(recording(tmp_path, text, days=days))] == [2, 3]


def test_only_one_source_is_read_and_those_that_go_nowhere_are_left_out(tmp_path):
    text = OCCUPANCY + "A,9,1,2026-03-02T08:00:00Z\nB,9,2,2026-03-02T08:00:00Z\nC,9,oops,when\n"
    found = recording(tmp_path, text, zone_of={"A": LONDON, "B": LONDON}.get)

    assert found.sources() == {"A": 1, "B": 1, "C": 1}
    assert [source for source, _ in found.rows()] == ["A", "B"]
    assert [row.occupied for row in rows(found, only="B")] == [2]


def counted(*numbers: int | tuple[int, int], capacity: int | None = 10) -> list[OccupancyCount]:
    """One count every ten minutes, or (minute, number)."""
    pairs = [pair if isinstance(pair, tuple) else (10 * place, pair) for place, pair in enumerate(numbers)]
    return [OccupancyCount(START + minute * MINUTE, number, capacity) for minute, number in pairs]


def test_nonsense_counts_are_skipped_and_counted():
    skipped = Counter()

    found = list(changes(counted((0, 3), (10, -1), (20, 11), (30, 5), (30, 7), (20, 4), (40, 5), (50, 2)), skipped))

    assert skipped == {"negative": 1, "over capacity": 1, "duplicate": 1, "out of order": 1}
    assert [change.cars for change in found] == [3, 2, -3]
    assert found[1].since == START  # nothing between them made sense


def test_counts_without_capacity_may_be_anything_from_zero():
    assert [change.cars for change in changes(counted(0, 900, 0, capacity=None), Counter())] == [900, -900]


counts = st.lists(st.tuples(st.integers(-5, 200), st.integers(-2, 14)), max_size=60)


@given(counts, st.integers())
def test_movements_follow_the_counts(pairs, seed):
    rows_ = counted(*pairs)
    usable = list(changes(rows_, Counter()))
    made = list(movements(usable, Random(seed)))

    assert [movement.at for movement in made] == sorted(movement.at for movement in made)
    for change in usable:
        inside = sum(1 if movement.arrives else -1 for movement in made if movement.at <= change.until)
        assert inside == sum(other.cars for other in usable if other.until <= change.until)
    arrived = {movement.car: movement.at for movement in made if movement.arrives}
    left = [movement for movement in made if not movement.arrives]
    assert len({movement.car for movement in left}) == len(left)
    assert all(arrived[movement.car] < movement.at for movement in left)


@given(counts, st.integers())
def test_movements_repeat_with_the_seed(pairs, seed):
    once, again = (list(movements(changes(counted(*pairs), Counter()), Random(seed))) for _ in range(2))

    assert once == again


def test_oldest_stays_leave_first_with_some_jitter():
    made = list(movements(changes(counted(100, 0, capacity=None), Counter()), Random(1)))
    left = [movement.car for movement in made if not movement.arrives]

    assert left != sorted(left)
    assert all(car <= place + LEAVING_SOON - 1 for place, car in enumerate(left))


def test_recordings_written_backwards_are_put_in_order():
    newest_first = [
        row for day in range(3) for row in reversed(counted(*((1440 * day + 60 * h, h) for h in range(24))))
    ]

    assert is_unordered(newest_first)
    assert [row.at for row in in_order(newest_first)] == sorted(row.at for row in newest_first)
    assert not is_unordered(counted(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, (5, 3)))


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(-5, 300)), max_size=40))
def test_every_stay_of_the_file_is_sent_with_its_times(stays):
    sessions = [Session(START + a * MINUTE, START + (a + long) * MINUTE) for a, long in sorted(stays)]
    skipped, follow = Counter(), Stays()
    made = list(of_sessions(sessions, Facility("central"), skipped))

    ended = [line for line in map(follow.take, made) if line]
    assert [passage.at for passage in made] == sorted(passage.at for passage in made)
    assert sorted(line.split()[2:] for line in ended) == sorted(
        [stay.at.isoformat(), stay.departure.isoformat()] for stay in sessions if stay.departure > stay.at
    )
    assert skipped.total() == sum(stay.departure <= stay.at for stay in sessions)
    assert not list(follow.still_open())
    assert not follow.oddities


def test_cars_that_do_what_cars_do_not_are_followed_by_the_rules():
    follow = Stays()

    def take(way: Direction, minute: int):
        return follow.take(RecordedPassage(START + minute * MINUTE, "central", "A1", way))

    assert take(Direction.EXIT, 0) is None
    assert take(Direction.ENTRY, 1) is None
    assert take(Direction.ENTRY, 2) is None
    assert take(Direction.ENTRY, 60).endswith("08:01:00+00:00 review")
    assert take(Direction.EXIT, 70).endswith("09:00:00+00:00 2026-03-02T09:10:00+00:00")
    assert take(Direction.ENTRY, 80) is None
    assert [line.endswith("09:20:00+00:00 open") for line in follow.still_open()] == [True]
    assert follow.oddities == {
        "left without having come": 1,
        "came twice at once": 1,
        "came while still inside": 1,
    }


def test_made_up_plates_are_each_their_own():
    passages = [
        passage
        for number in range(3)
        for passage in of_counts(counted(9, 0, 9), Facility("central", number), Random(1), Counter())
        if passage.way is Direction.ENTRY
    ]

    assert len({passage.plate for passage in passages}) == len(passages) == 54


def test_plan_merges_the_sources_by_time_and_repeats_itself(tmp_path):
    text = OCCUPANCY + "".join(
        f"{lot},9,{occupied},2026-03-02T0{hour}:00:00Z\n" for lot in "AB" for hour, occupied in enumerate((3, 5, -1, 2))
    )
    facilities = {"A": Facility("one"), "B": Facility("two")}
    plan = ReplayPlan(recording(tmp_path, text), facilities, seed=4)
    plan.survey()
    sent = list(plan.passages())

    assert (plan.rows, plan.reads, plan.skipped) == (8, 16, {"negative": 2})
    assert len(sent) == plan.reads
    assert [passage.at for passage in sent] == sorted(passage.at for passage in sent)
    assert sent == list(plan.passages())
    assert sent != list(ReplayPlan(plan.recording, facilities, seed=5).passages())


def test_plan_of_nothing_says_so(tmp_path):
    plan = ReplayPlan(recording(tmp_path, OCCUPANCY), {"A": Facility("one")}, seed=4)

    with pytest.raises(ReplayFileError, match="has no cars"):
        plan.survey()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"mapped": ["A=one", "B=two"]}, {"A": Facility("one"), "B": Facility("two", 1)}),
        ({"mapped": ["A=one", "B=two"], "only": ["B"]}, {"B": Facility("two")}),
        ({"lot": "one", "only": ["B"]}, {"B": Facility("one")}),
        ({"mapped": ["x=y=three"]}, {"x=y": Facility("three")}),
    ],
)
def test_sources_are_led_to_their_lots(options, expected):
    assert facilities_of(["A", "B", "x=y"], **{"lot": None, "mapped": (), "only": ()} | options) == expected


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"lot": "one"}, "choose one by --only: A, B"),
        ({"mapped": ["A"]}, "needs SOURCE=SLUG"),
        ({"mapped": ["A="]}, "needs SOURCE=SLUG"),
        ({"mapped": ["C=one"]}, "has no C; it has: A, B"),
        ({"lot": "one", "only": ["C"]}, "has no C"),
    ],
)
def test_wrong_maps_are_refused(options, complaint):
    with pytest.raises(MappingError, match=complaint):
        facilities_of(["A", "B"], **{"lot": None, "mapped": (), "only": ()} | options)


lines = st.lists(st.text("ab", min_size=1, max_size=3), max_size=30)


@given(lines, st.randoms(use_true_random=False))
def test_tallies_agree_whatever_the_order(found, random):
    one, other = Tally(), Tally()
    for line in found:
        one.add(line[0], line)
    for line in random.sample(found, len(found)):
        other.add(line[0], line)

    assert one.total == len(found)
    assert not one.differing(other)


@given(lines, lines)
def test_tallies_find_what_differs(ours, theirs):
    one, other = Tally(), Tally()
    for tally, found in ((one, ours), (other, theirs)):
        for line in found:
            tally.add(line, line)

    assert bool(one.differing(other)) == (Counter(ours) != Counter(theirs))
    assert len(one.counts) == BUCKETS
    assert bool(list(differences(ours, theirs))) == (Counter(ours) != Counter(theirs))
