"""Files of blocked plates and permits: tried row by row, and a file that was saved here changes nothing."""

import csv
import datetime as dt
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.blocklist import block_plate
from accounts.models import BlockedPlate, Permit
from common.db.row_imports import let_import
from common.errors import InvalidValueError
from gates.models import PlateImport
from gates.plate_files import block_lines, marked, permit_lines, unmarked
from gates.services.plate_imports import clear_plate_imports, run_plate_imports, start_plate_import
from tests.factories import make_blocked_plate, make_lot, make_permit, make_user

AT = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
BLOCKS, PERMITS = "plate,region,reason,last_day,lots\n", "kind,plate,number,valid_from,valid_until\n"


class Desk:
    """An operator with two lots, and an admin who brings files."""

    def __init__(self):
        self.lot = make_lot(slug="north")
        self.operator = self.lot.operator
        self.other = make_lot(self.operator, slug="south")
        self.admin = make_user("admin", self.operator)

    def checked(self, kind, content):
        content = content if isinstance(content, bytes) else content.encode()
        found = start_plate_import(operator=self.operator, kind=kind, content=content, by=self.admin, at=AT)
        return self.ran(found)

    def ran(self, found):
        run_plate_imports(at=AT)
        found.refresh_from_db()
        return found

    def done(self, kind, content):
        found = self.checked(kind, content)
        let_import(held=found)
        return self.ran(found)

    def saved(self, kind):
        """Return the file that the page offers."""
        slugs = {lot.pk: lot.slug for lot in (self.lot, self.other)}
        lines = {
            "blocks": lambda: block_lines(BlockedPlate.objects.in_force().order_by("pk"), slugs),
            "permits": lambda: permit_lines(Permit.objects.all()),
        }[kind]()
        part = StringIO()
        csv.writer(part).writerows(lines)
        return part.getvalue()


@pytest.fixture
def desk(db):
    return Desk()


def did(found):
    return [one.get("did") for one in found.outcomes]


def errors(found):
    return {one["line"]: one["error"] for one in found.outcomes if "error" in one}


def test_file_is_tried_without_a_trace_and_then_written_once(desk):
    file = BLOCKS + "ZH 1,,Damage,2026-04-01,north/south\nZH 2,CH-ZH,Threats,,\n"
    found = desk.checked("blocks", file)
    assert (found.state, found.wrong, did(found)) == ("checked", 0, ["added", "added"])
    assert not BlockedPlate.objects.exists()

    for _ in range(2):
        let_import(held=found)
        found = desk.ran(found)
    one, two = BlockedPlate.objects.order_by("plate")
    assert (one.reason, one.last_day, one.lot_ids) == (
        "Damage", dt.date(2026, 4, 1), sorted([desk.lot.pk, desk.other.pk])
    )  # fmt: skip
    assert (two.region, two.last_day, two.lot_ids, two.blocked_by) == ("CH-ZH", None, None, desk.admin)


def test_blocks_that_are_saved_and_imported_stay_as_they_are(desk):
    make_blocked_plate(desk.operator, "ZH 1", reason='=HYPERLINK("x"), "quoted"; and more', blocked_at=AT)
    make_blocked_plate(desk.operator, "ÄÖ-Ü 2", reason="'apostrophe", region="CH", lot_ids=[desk.lot.pk], blocked_at=AT)
    make_blocked_plate(desk.operator, "+41", reason="long", last_day=dt.date(2026, 5, 1), blocked_at=AT)
    before = list(BlockedPlate.objects.order_by("pk").values())

    found = desk.done("blocks", desk.saved("blocks"))

    assert (errors(found), did(found)) == ({}, ["unchanged"] * 3)
    assert list(BlockedPlate.objects.order_by("pk").values()) == before


def test_permits_that_are_saved_and_imported_stay_as_they_are(desk):
    make_permit(desk.operator, "ZH 1", number="=1+1", kind="accessible")
    make_permit(desk.operator, "ZH 1", number="A", kind="resident", valid_until=dt.date(2027, 1, 1))
    make_permit(desk.operator, "ZH 1", number="A", kind="resident", valid_until=dt.date(2026, 1, 1))
    before = list(Permit.objects.order_by("pk").values())

    found = desk.done("permits", desk.saved("permits"))

    assert (errors(found), did(found)) == ({}, ["unchanged"] * 2)
    assert list(Permit.objects.order_by("pk").values()) == before


@given(st.text(max_size=30))
def test_marked_texts_come_back(text):
    assert unmarked(marked(text)) == text
    assert not marked(text).startswith(("=", "+", "-", "@", "\t"))


def test_what_is_there_already_gets_what_its_row_says(desk):
    make_blocked_plate(desk.operator, "ZH 1", reason="x", blocked_at=AT)
    make_permit(desk.operator, "ZH 2", number="7", kind="staff", valid_from=dt.date(2026, 1, 1))

    blocks = desk.done("blocks", BLOCKS + "zh-1,,y,2026-06-01,south\n")
    permits = desk.done("permits", PERMITS + "staff,ZH 2,7,2026-01-01,2026-12-31\n")

    assert did(blocks) == did(permits) == ["changed"]
    block = BlockedPlate.objects.get()
    assert (block.reason, block.last_day, block.lot_ids) == ("y", dt.date(2026, 6, 1), [desk.other.pk])
    assert Permit.objects.get().valid_until == dt.date(2026, 12, 31)


def test_what_is_wrong_is_told_at_its_line_and_nothing_is_written(desk):
    make_lot(slug="elsewhere")
    rows = {
        "ZH 1,,Damage,,": "",
        "zh-1,,Other,,": "zh-1 is on line 2 already.",
        "ZH 1,CH,Other region,,": "",
        "ZH 2,,,,": "reason: say why.",
        "…,,Damage,,": "Enter the letters and digits of the plate.",
        "UNKNOWN,,Damage,,": "Cameras send this for every car without a plate, so a block would stop nobody.",
        "ZH 3,,Damage,tomorrow,": "last_day: give a day such as 2026-03-01.",
        "ZH 3,,Damage,2026-03-01,": "The last day must not be in the past.",
        "ZH 4,,Damage,,elsewhere": "There is no lot with the short name “elsewhere”.",
        "ZH 5,,Damage": "This row has 3 columns instead of 5.",
        "ZH 3,,D\x07mage,,": "reason is too long, or can't be read.",
    }
    found = desk.checked("blocks", BLOCKS + "\n".join(rows))
    told = errors(found)
    assert {line: told.get(line, "") for line in range(2, len(rows) + 2)} == dict(enumerate(rows.values(), 2))
    assert not BlockedPlate.objects.exists()
    wrong = desk.checked("permits", PERMITS + "king,ZH 1,,2026-01-01,\nstaff,ZH 1,,2026-02-01,2026-01-01\n")
    assert errors(wrong) == {
        2: "kind: give one of accessible, resident, staff, supplier, other.",
        3: "The last day is before the first.",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("plate,reason\nZH 1,Schäden".encode("latin-1"), "not in UTF-8"),
        (b"plate\nZH 1", "These columns are missing: reason."),
        (b"plate,reason,fee\nZH 1,x,1", "These columns are not known: fee."),
        (b"plate,reason\n", "no row"),
        (b"plate,reason\n" + b"ZH 1,x\n" * 10_001, "at most 10000 rows"),
        (b"plate,plate,reason\nZH 1,ZH 2,x", "A column is there twice."),
    ],
)
def test_file_that_is_none_is_refused_as_a_whole(desk, content, said):
    with pytest.raises(InvalidValueError, match=said):
        desk.checked("blocks", content)


def test_ten_thousand_lines_of_a_spreadsheet_with_quotes_are_read(desk):
    rows = "".join(f'"ZH {number}";"said ""no""; twice";;\r\n' for number in range(9_999))
    found = start_plate_import(
        operator=desk.operator,
        kind="blocks",
        content=f"\ufeffPlate;Reason;Last_day;Lots\r\n{rows}ZH 5;again;;\r\n".encode(),
        by=desk.admin,
        at=AT,
    )
    assert len(found.rows) == 10_000
    assert found.rows[0] == {
        "line": 2, "plate": "ZH 0", "region": "", "reason": 'said "no"; twice', "last_day": "", "lots": ""
    }  # fmt: skip
    assert [row["error"] for row in found.rows if "error" in row] == ["ZH 5 is on line 7 already."]


def test_run_that_was_cut_off_goes_on_and_old_files_go(desk, monkeypatch):
    monkeypatch.setattr("gates.services.plate_imports.AT_ONCE", 2)
    found = desk.checked("blocks", BLOCKS + "".join(f"ZH {number},,x,,\n" for number in range(5)))
    let_import(held=found)
    calls = []
    given = block_plate

    def breaking(**fields):
        calls.append(fields)
        if len(calls) == 4:
            raise RuntimeError
        return given(**fields)

    with monkeypatch.context() as broken:
        broken.setattr("gates.services.plate_imports.block_plate", breaking)
        with pytest.raises(RuntimeError):
            run_plate_imports(at=AT)
    assert BlockedPlate.objects.count() == 2
    assert desk.ran(found).state == "done"
    assert BlockedPlate.objects.count() == 5
    assert clear_plate_imports(at=AT + dt.timedelta(days=29)) == 0
    assert clear_plate_imports(at=AT + dt.timedelta(days=30)) == 1
    assert not PlateImport.objects.exists()
