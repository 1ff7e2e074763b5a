"""Files of pass holders: read, tried row by row, and given once."""

import datetime as dt

import pytest

from billing.models import Debt
from common.csv_rows import read_rows
from common.db.row_imports import FileNotCheckedError, let_import
from common.errors import InvalidValueError
from passes.holder_files import HOLDER_FILE
from passes.models import Pass, PassImport, PassPlate
from passes.services import HeldBy, clear_imports, importing, run_imports, start_import
from passes.services.importing import AT_ONCE
from tests.factories import make_lot, make_user
from tests.passes.sold import NOW, company_of, granted, offered

HEAD = "name,email,company,plates,valid_from,valid_until,spaces,note\n"


@pytest.fixture
def offer():
    return offered(make_lot(), most_plates=3)


def started(offer, *rows, **fields):
    by = make_user("admin", offer.operator)
    content = (HEAD + "\n".join(rows)).encode()
    return start_import(offer=offer, content=content, invoiced=fields.pop("invoiced", False), by=by, at=NOW)


def ran(found):
    run_imports(at=NOW)
    found.refresh_from_db()
    return found


def errors(found):
    return {one["line"]: one["error"] for one in found.outcomes if "error" in one}


@pytest.mark.django_db
def test_file_is_tried_without_a_trace_and_then_given_once(offer):
    company = company_of(offer.lots.get())
    rows = (
        "Ada,ada@example.com,,ZH 1/ZH 2,2026-03-02,,,Night shift",
        f",,{company.name},ZH 3,2026-03-02,2026-12-31,2,",
    )
    found = ran(started(offer, *rows, invoiced=True))
    assert (found.state, found.wrong, [one["line"] for one in found.outcomes]) == ("checked", 0, [2, 3])
    assert not Pass.objects.exists()
    assert not Debt.objects.exists()

    for _ in range(2):
        let_import(held=found)
        found = ran(found)
    assert found.state == "done"
    ada, fleet = Pass.objects.order_by("pk")
    assert [one["code"] for one in found.outcomes] == [ada.code, fleet.code]
    assert (ada.holder_name, ada.note, ada.plates.count()) == ("Ada", "Night shift", 2)
    assert (fleet.company, fleet.spaces, fleet.valid_until) == (company, 2, dt.date(2026, 12, 31))
    assert Debt.objects.count() == 2


@pytest.mark.django_db
def test_what_is_wrong_is_told_at_its_line_and_nothing_is_imported(offer):
    granted(offer, "ZH 9")
    rows = {
        "Ada,ada@example.com,,ZH 1,2026-03-02,,,": "",
        "Ada,ada@example.com,,zh1,2026-03-20,,,": "zh1 has a pass of the same holder on line 2 already.",
        ",,,ZH 2,2026-03-02,,,": "Nobody has it: give a company, a name or an email address.",
        "Bob,,,ZH 2,tomorrow,,,": "valid_from: give a day such as 2026-03-01.",
        "Bob,,,ZH 2,2026-03-02,2026-03-01,,": "The last day must not be before the first one.",
        "Bob,,,ZH 2,2020-03-02,2020-03-05,,": "The last day must not be in the past.",
        "Bob,,,…,2026-03-02,,,": "Type the plate as it is on the car.",
        "Bob,,,A/B/C/D,2026-03-02,,,": "This pass is for 3 plates at most.",
        "Bob,,Nobody Ltd,ZH 2,2026-03-02,,,": "There is no company “Nobody Ltd”.",
        "Bob,nope,,ZH 2,2026-03-02,,,": "This is not an email address.",
        "Bob,,,ZH 2,2026-03-02,,0,": "spaces: give a number from 1 to 10,000.",
        "Bob,,,ZH 2": "This row has 4 columns instead of 8.",
        f"{'x' * 121},,,ZH 2,2026-03-02,,,": "name is too long, or can't be read.",
        "B\x07b,,,ZH 2,2026-03-02,,,": "name is too long, or can't be read.",
    }
    found = ran(started(offer, *rows))
    told = errors(found)
    assert {line: told.get(line, "") for line in range(2, len(rows) + 2)} == dict(enumerate(rows.values(), 2))
    with pytest.raises(FileNotCheckedError):
        let_import(held=found)
    assert Pass.objects.count() == 1


@pytest.mark.django_db
def test_row_that_became_impossible_is_told_and_the_others_are_given(offer):
    found = ran(started(offer, "Ada,ada@example.com,,ZH 1,2026-03-02,,,", "Bob,bob@example.com,,ZH 2,2026-03-02,,,"))
    offer.refresh_from_db()
    let_import(held=found)
    granted(offer, "ZH 1", to=HeldBy(name="Ada", email="ada@example.com"))
    found = ran(found)
    assert (found.state, found.wrong, list(errors(found))) == ("done", 1, [2])
    assert PassPlate.objects.filter(plate="ZH 2").exists()


@pytest.mark.django_db
def test_run_that_was_cut_off_goes_on_where_it_was(offer, monkeypatch):
    rows = [f"P{number},,,ZH {number},2026-03-02,,," for number in range(AT_ONCE + 5)]
    found = ran(started(offer, *rows))
    let_import(held=found)
    given, calls = importing.grant_pass, []

    def breaking(**fields):
        calls.append(fields)
        if len(calls) == AT_ONCE + 3:
            raise RuntimeError
        return given(**fields)

    monkeypatch.setattr(importing, "grant_pass", breaking)
    with pytest.raises(RuntimeError):
        run_imports(at=NOW)
    assert Pass.objects.count() == AT_ONCE
    found = ran(found)
    assert (found.state, Pass.objects.count(), PassImport.objects.count()) == ("done", len(rows), 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not in UTF-8"),
        (b"", "missing: plates, valid_from"),
        (b"plates,valid_from\n", "no row"),
        (b"plates,valid_from,colour\nZH 1,2026-03-02,red", "not known: colour"),
        (b"plates,plates,valid_from\n1,2,3", "twice"),
        (b'plates,valid_from\n"' + b"x" * 200_000, "can't be read"),
        (b"plates,valid_from\n" + b"ZH 1,2026-03-02\n" * (HOLDER_FILE.most + 1), "at most 5000 rows"),
    ],
)
def test_file_that_is_none_is_refused(content, words):
    with pytest.raises(InvalidValueError) as refused:
        read_rows(content, HOLDER_FILE)
    assert words in str(refused.value.message)


def test_columns_come_in_any_order_with_semicolons_and_a_mark_at_the_start():
    [row] = read_rows("\ufeffValid_From;Plates;Name\r\n2026-03-02;ZH 1;Ada\r\n".encode(), HOLDER_FILE)
    assert (row["line"], row["name"], row["plates"], row["valid_from"]) == (2, "Ada", "ZH 1", "2026-03-02")


@pytest.mark.django_db
def test_row_without_a_last_day_lasts_a_whole_period(offer):
    rows = (
        "Ada,ada@example.com,,ZH 1,2026-03-02,,,",
        "Ada,ada@example.com,,ZH 1,2026-04-02,,,",
        "Ada,ada@example.com,,ZH 1,20260502,20260515,,",
        "Ada,ada@example.com,,ZH 1,2026-05-16,,,",
        "Ada,ada@example.com,,ZH 1,20260615,20260630,,",
    )
    found = ran(started(offer, *rows))

    assert errors(found) == {6: "ZH 1 has a pass of the same holder on line 5 already."}


@pytest.mark.django_db
def test_file_is_forgotten_after_thirty_days_unless_it_waits(offer):
    done, waiting = (started(offer, f"Ada,ada@example.com,,ZH {number},2026-03-02,,,") for number in (1, 2))
    let_import(held=ran(done))
    ran(done)
    PassImport.objects.filter(pk=waiting.pk).update(state="checking")

    assert clear_imports(at=NOW + dt.timedelta(days=29)) == 0
    assert clear_imports(at=NOW + dt.timedelta(days=30)) == 1
    assert PassImport.objects.get() == waiting
    assert Pass.objects.get().holder_name == "Ada"
