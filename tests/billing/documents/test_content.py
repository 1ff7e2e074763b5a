"""What a document says in figures adds up, whatever was paid, credited and given back before."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.documents.content import Owed, mirrored, parts_of, taxes_of

PERCENTS = st.sampled_from([Decimal(text) for text in ("0", "2.6", "7", "8.1", "19", "20", "25.5")])
AMOUNTS = st.integers(1, 10**7)


def figures(owed: Owed, amount: int, before: int = 0, untaxed: dict[str, int] | None = None) -> dict:
    lines, free = owed.lines_for(amount, untaxed=untaxed), sum((untaxed or {}).values())
    return {
        "lines": [line.as_json() for line in lines],
        "taxes": taxes_of(parts_of(owed.percent, amount - free, free, before=before)),
        "total": sum(line.amount for line in lines),
    }


def fee(amount: int, percent: str, *more: dict) -> Owed:
    lines = [{"label": "Parking", "amount": amount}, *more]
    return Owed(lines, sum(line["amount"] for line in lines), [], Decimal(percent))


def adds_up(content: dict) -> bool:
    lines = sum(line["amount"] for line in content["lines"])
    rates = sum(rate["net"] + rate["tax"] for rate in content["taxes"])
    return content["total"] == lines == rates


@pytest.mark.parametrize(
    ("amount", "percent", "net", "tax"),
    [
        (7007, "7", 6549, 458),
        (1500, "19", 1261, 239),
        (5, "8.1", 5, 0),
        (500, "10", 455, 45),  # JPY has no decimals
        (1_005, "5", 957, 48),  # KWD has three
        (900, "0", 900, 0),
    ],
    ids=["70.07 at 7 %", "15.00 at 19 %", "0.05", "JPY 500", "KWD 1.005", "no tax"],
)
def test_tax_is_rounded_once(amount, percent, net, tax):
    content = figures(fee(amount, percent), amount)

    assert content["taxes"] == [{"percent": percent, "before": 0, "net": net, "tax": tax, "total": amount}]
    assert adds_up(content)


def test_many_lines_are_taxed_as_one_sum():
    """Seven lines of 10.01 have 4.58 of tax together, and 4.55 line by line."""
    owed = Owed([{"label": str(n), "amount": 1001} for n in range(7)], 7007, [], Decimal(7))

    assert [(rate["net"], rate["tax"]) for rate in figures(owed, 7007)["taxes"]] == [(6549, 458)]


def test_rounding_in_cash_is_a_line_without_tax():
    owed = fee(902, "8.1", {"label": "Rounding", "amount": -2, "untaxed": True})

    content = figures(owed, 900, untaxed={"Rounding": -2})

    assert [(rate["percent"], rate["total"], rate["tax"]) for rate in content["taxes"]] == [
        ("8.1", 902, 68),
        ("0", -2, 0),
    ]
    assert adds_up(content)


def test_credits_lower_the_taxed_amount():
    owed = Owed([{"label": "Parking", "amount": 1200}], 1200, [("wrong sign", 800)], Decimal("8.1"))

    content = figures(owed, 400)

    assert [line["amount"] for line in content["lines"]] == [1200, -800]
    assert content["taxes"][0]["tax"] == 30


def test_a_price_that_fell_is_shown_as_paid():
    owed = Owed([{"label": "Parking", "amount": 500}], 900, [], Decimal("8.1"))

    content = figures(owed, 900)

    assert [line["amount"] for line in content["lines"]] == [500, 400]
    assert content["taxes"][0]["tax"] == 67


def test_a_part_in_cash_shows_its_rounding():
    owed = fee(1003, "8.1", {"label": "Rounding", "amount": 2, "untaxed": True})

    content = figures(owed, 605, untaxed={"Rounding": 2})

    assert [(line["amount"], line["percent"]) for line in content["lines"]] == [(603, "8.1"), (2, "0")]
    assert adds_up(content)


def test_a_rounding_whose_cash_was_given_back_is_paid_like_the_price():
    owed = fee(1003, "8.1", {"label": "Rounding", "amount": 2, "untaxed": True})

    content = figures(owed, 1005)

    assert [(line["amount"], line["percent"]) for line in content["lines"]] == [(1003, "8.1"), (2, "8.1")]
    assert [(rate["total"], rate["tax"]) for rate in content["taxes"]] == [(1005, 75)]


@given(percent=PERCENTS, due=AMOUNTS, untaxed=st.integers(-4, 4), cuts=st.lists(st.integers(1, 10**7), max_size=6))
def test_receipts_of_parts_tax_as_much_as_one_of_the_whole(percent, due, untaxed, cuts):
    more = [{"label": "Rounding", "amount": untaxed, "untaxed": True}] if untaxed and due + untaxed > 0 else []
    owed, free = fee(due, str(percent), *more), {line["label"]: line["amount"] for line in more}
    edges = sorted({0, due, *(cut for cut in cuts if cut < due)})
    parts = [figures(owed, to - start, start) for start, to in pairwise(edges[:-1])]
    parts.append(figures(owed, owed.charged - edges[-2], edges[-2], free))

    assert all(adds_up(part) for part in parts)
    assert sum(part["total"] for part in parts) == owed.charged
    tax = sum(rate["tax"] for part in parts for rate in part["taxes"])
    assert tax == sum(rate["tax"] for rate in figures(owed, owed.charged, untaxed=free)["taxes"])


def test_the_lines_of_a_document_the_other_way_round():
    owed = fee(900, "8.1", {"label": "Lost ticket", "amount": 4000})

    lines = mirrored(figures(owed, 4900))

    assert [(line.label, line.amount) for line in lines] == [("Parking", -900), ("Lost ticket", -4000)]
