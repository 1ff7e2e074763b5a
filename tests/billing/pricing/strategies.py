"""Random tariffs and stays that are well formed by construction."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "event", "Fair"]
# Days on which the zone's clock was changed: an hour, half an hour, at midnight, over the date line, and never.
CHANGES = [
    ("Europe/Zurich", "2026-03-29"),
    ("Europe/Zurich", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("Pacific/Apia", "2011-12-30"),
    ("America/Nuuk", "2026-03-29"),
    ("America/Nuuk", "2026-10-25"),
    ("Asia/Kolkata", "2026-03-29"),
]

# The days around the changes, on which some tariffs have a fair or a match.
NEAR = sorted(
    {(date.fromisoformat(day) + timedelta(days=shift)).isoformat() for _, day in CHANGES for shift in range(-2, 4)}
)

prices = st.integers(0, 600)
clocks = st.one_of(
    st.sampled_from(["00:00", "01:00", "02:00", "02:15", "02:30", "03:00", "07:00", "19:00", "23:00", "23:30"]),
    st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}"),
)
days = st.lists(st.sampled_from(DAYS), unique=True, max_size=4)


@st.composite
def arcs(draw, most=4):
    """The day cut into windows that follow each other round the clock."""
    edges = sorted(draw(st.lists(clocks, unique=True, min_size=1, max_size=most)))
    return [{"from": start, "to": end} for start, end in zip(edges, [*edges[1:], edges[0]], strict=True)]


@st.composite
def caps(draw):
    chosen = [window for window in draw(arcs(3)) if draw(st.booleans())]
    return [{**window, "days": draw(days), "price": draw(st.integers(0, 2500))} for window in chosen]


@st.composite
def rates(draw, increments):
    increment, prorata = draw(increments), draw(st.booleans())
    unit = draw(st.none() | st.integers(1, min(increment, 90))) if prorata else None
    return {"price": draw(prices), "increment_minutes": increment, "prorata": prorata, "prorata_minutes": unit}


@st.composite
def later_rates(draw, increments):
    after = sorted(draw(st.lists(st.sampled_from([1, 20, 60, 90, 100, 480]), unique=True, max_size=2)))
    return [{"after_minutes": minutes, **draw(rates(increments))} for minutes in after]


@st.composite
def band_plans(draw):
    increments = st.sampled_from([1, 7, 15, 30, 60, 90, 120, 480, 1440])
    windows = draw(arcs())
    bands = [{**window, **draw(rates(increments)), "then": draw(later_rates(increments))} for window in windows]
    for band in bands:
        if draw(st.integers(0, 3)) == 0:
            band |= {"once": True, "prorata": False, "prorata_minutes": None, "increment_minutes": None, "then": []}
    return {"bands": bands, "caps": draw(caps())}


@st.composite
def step_plans(draw):
    ends = sorted(
        draw(st.lists(st.sampled_from([20, 30, 60, 90, 240, 720, 1440]), unique=True, min_size=1, max_size=4))
    )
    totals = sorted(draw(st.lists(st.integers(0, 3000), min_size=len(ends), max_size=len(ends))))
    steps = [{"up_to_minutes": end, "price": total} for end, total in zip(ends, totals, strict=True)]
    beyond = draw(st.none() | st.fixed_dictionaries({"each_minutes": st.sampled_from([30, 60, 100]), "price": prices}))
    return {"steps": steps, "steps_beyond": beyond}


@st.composite
def plans(draw):
    plan = draw(st.one_of(band_plans(), band_plans(), step_plans()))
    return {**plan, "max_price": draw(st.none() | st.integers(0, 6000))}


@st.composite
def special_plans(draw):
    window = draw(st.just({}) | st.fixed_dictionaries({"entry_from": clocks, "entry_to": clocks}))
    return {
        **draw(plans()),
        **window,
        "priority": 1,
        "days": draw(days),
        "periods": draw(st.sampled_from(["any", "first", "later"])),
        "spot_types": draw(st.sampled_from([[], ["regular"], ["ev"]])),
        "vehicle_types": draw(st.sampled_from([[], [], ["regular"], ["large", "motorcycle"]])),
    }


@st.composite
def packages(draw):
    return {
        "days": draw(days),
        **dict(zip(("entry_from", "entry_to", "exit_from", "exit_to"), [draw(clocks) for _ in range(4)], strict=True)),
        "max_hours": draw(st.integers(1, 60)),
        "price": draw(st.integers(0, 3000)),
    }


@st.composite
def regulars(draw):
    counts = sorted(draw(st.lists(st.integers(2, 6), unique=True, max_size=2)))
    percents = sorted(draw(st.lists(st.sampled_from([0, 7.5, 10, 33.3333, 100]), min_size=2, max_size=2)))
    return [{"from_stay": count, "percent": f"{percent}"} for count, percent in zip(counts, percents, strict=False)]


@st.composite
def special_days(draw):
    fair = draw(st.sets(st.sampled_from(NEAR), max_size=40))
    match = draw(st.sets(st.sampled_from(NEAR), max_size=40)) - fair
    return [{"name": "Fair", "dates": sorted(fair)}, {"name": "Match", "dates": sorted(match)}]


@st.composite
def tariffs(draw, with_packages=True):
    data = {
        "grace_minutes": draw(st.sampled_from([0, 0, 10])),
        "free_minutes": draw(st.sampled_from([0, 0, 45])),
        "minimum_charge": draw(st.sampled_from([0, 0, 250])),
        "tax_percent": draw(st.sampled_from(["0", "8.1", "19"])),
        "tax_included": draw(st.booleans()),
        "day_starts_at": draw(st.sampled_from(["entry", "entry", "never", "00:00", "02:30", "05:00", "23:30"])),
        "plans": [draw(plans()), *draw(st.lists(special_plans(), max_size=1))],
        "caps": draw(caps()),
        "regulars": draw(regulars()),
        "special_days": draw(special_days()),
        "block_caps": draw(
            st.lists(st.fixed_dictionaries({"periods": st.integers(1, 3), "price": st.integers(0, 9000)}), max_size=2)
        ),
    }
    return {**data, "packages": draw(st.lists(packages(), max_size=2))} if with_packages else data


multipliers = st.sampled_from(["1", "1", "0.50", "1.37", "3.00"])
discounts = st.lists(
    st.one_of(
        st.fixed_dictionaries({"free_minutes": st.integers(0, 200)}),
        st.fixed_dictionaries({"percent": st.sampled_from(["0", "12.5", "33.3333", "100"])}),
        st.fixed_dictionaries({"amount": st.integers(0, 2000)}),
    ),
    max_size=3,
)


@st.composite
def stays(draw, days_long=4):
    """A zone, and an entry and an exit in half minutes around a day on which its clock was changed."""
    zone, day = draw(st.sampled_from(CHANGES))
    tz = ZoneInfo(zone)
    noon_before = int((datetime.fromisoformat(f"{day}T12:00+00:00") - timedelta(days=1)).timestamp())
    half_hours = st.integers(-48, 72).map(lambda count: 60 * count)
    entry = noon_before + 30 * draw(st.one_of(half_hours, st.integers(-2880, 4320)))
    hours = st.integers(0, 24 * days_long).map(lambda count: 120 * count)
    length = draw(st.one_of(hours, st.integers(0, 480), st.integers(0, 2880 * days_long)))
    return tz, entry, entry + 30 * length
