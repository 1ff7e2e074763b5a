"""What a document says in figures adds up, whatever was paid, credited and given back before."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.documents.content import Line, Owed, credit_of, taxes_of

PERCENTS = st.sampled_from([Decimal(text) for text in ("0", "2.6", "7", "8.1", "19", "20", "25.5")])
AMOUNTS = st.integers(1, 10**7)


def figures(owed: Owed, amount: int, before: int = 0) -> dict:
    lines = owed.lines_for(amount, before=before)
    return {
        "lines": [line.as_json() for line in lines],
        "taxes": taxes_of(lines, owed.rates_of(before)),
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

    content = figures(owed, 900)

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


@given(percent=PERCENTS, due=AMOUNTS, untaxed=st.integers(-4, 4), cuts=st.lists(st.integers(1, 10**7), max_size=6))
def test_receipts_of_parts_tax_as_much_as_one_of_the_whole(percent, due, untaxed, cuts):
    more = [{"label": "Rounding", "amount": untaxed, "untaxed": True}] if untaxed and due + untaxed > 0 else []
    owed = fee(due, str(percent), *more)
    edges = sorted({0, owed.charged, *(cut for cut in cuts if cut < owed.charged)})
    parts = [figures(owed, to - start, before=start) for start, to in pairwise(edges)]

    assert all(adds_up(part) for part in parts)
    assert sum(part["total"] for part in parts) == owed.charged
    tax = sum(rate["tax"] for part in parts for rate in part["taxes"])
    assert tax == sum(rate["tax"] for rate in figures(owed, owed.charged)["taxes"])


@given(percent=PERCENTS, due=AMOUNTS, before=st.integers(0, 5000), cuts=st.lists(st.integers(1, 10**7), max_size=6))
def test_credit_notes_mirror_their_receipt_however_many_they_are(percent, due, before, cuts):
    owed = fee(due + before, str(percent))
    receipt = figures(owed, due, before=before)
    notes: list[dict] = []
    edges = sorted({0, due, *(cut for cut in cuts if cut < due)})
    for start, to in pairwise(edges):
        notes.append(credit_of(receipt, notes, amount=to - start, item=0, label="Refund"))

    assert all(adds_up(note) for note in notes)
    assert sum(note["total"] for note in notes) == -receipt["total"]
    for field in ("net", "tax"):
        back = sum(rate[field] for note in notes for rate in note["taxes"])
        assert back == -sum(rate[field] for rate in receipt["taxes"])


@given(
    amounts=st.lists(st.tuples(AMOUNTS, PERCENTS), min_size=1, max_size=4),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10**7)), max_size=8),
)
def test_items_of_one_receipt_are_given_back_on_their_own(amounts, cuts):
    lines = [Line("Parking", amount, percent, item) for item, (amount, percent) in enumerate(amounts)]
    receipt = {
        "lines": [line.as_json() for line in lines],
        "taxes": taxes_of(lines, {}),
        "total": sum(line.amount for line in lines),
    }
    left = {item: amount for item, (amount, _percent) in enumerate(amounts)}
    notes: list[dict] = []
    for item, cut in [*cuts, *((item, 10**7) for item in left)]:
        amount = min(cut, left.get(item, 0))
        if amount:
            left[item] -= amount
            notes.append(credit_of(receipt, notes, amount=amount, item=item, label="Refund"))

    assert all(adds_up(note) for note in [receipt, *notes])
    assert sum(rate["tax"] for note in notes for rate in note["taxes"]) == -sum(
        rate["tax"] for rate in receipt["taxes"]
    )


def test_a_full_credit_note_has_the_lines_of_its_receipt_the_other_way_round():
    owed = fee(900, "8.1", {"label": "Lost ticket", "amount": 4000})

    note = credit_of(figures(owed, 4900), [], amount=4900, item=0, label="Refund")

    assert [(line["label"], line["amount"]) for line in note["lines"]] == [("Parking", -900), ("Lost ticket", -4000)]
