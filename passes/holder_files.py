"""What a file of pass holders may have."""

from django.utils.translation import gettext as _

from common.csv_rows import FileRow, FileShape, day_problem
from common.notes import LONGEST_NOTE

MOST_SPACES = 10_000


def _problem(row: FileRow) -> str:
    if wrong := day_problem(row, "valid_from", needed=True) or day_problem(row, "valid_until", needed=False):
        return wrong
    spaces = row["spaces"] or "1"
    if not (spaces.isascii() and spaces.isdecimal() and 0 < int(spaces) <= MOST_SPACES):
        return _("spaces: give a number from 1 to 10,000.")
    if not (row["name"] or row["email"] or row["company"]):
        return _("Nobody has it: give a company, a name or an email address.")
    return ""


HOLDER_FILE = FileShape(
    longest={
        "name": 120,
        "email": 254,
        "company": 120,
        "plates": 2_000,
        "valid_from": 10,
        "valid_until": 10,
        "spaces": 5,
        "note": LONGEST_NOTE,
    },
    needed=("plates", "valid_from"),
    most=5_000,
    problem=_problem,
)
