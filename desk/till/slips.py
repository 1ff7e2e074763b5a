"""The bytes for a receipt printer with a drawer: ESC/POS, 80 mm, 48 characters a line."""

from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 48
_ENCODING = "cp858"
_INIT = b"\x1b@\x1bt\x13"  # as after power on, then code page 858
_KICK = b"\x1bp\x00\x19\xfa"  # pin 2, 50 ms on, 500 ms off
_CENTRE, _LEFT = b"\x1ba\x01", b"\x1ba\x00"
_BIG, _NORMAL = b"\x1d!\x11", b"\x1d!\x00"
_CUT = b"\n\n\n\x1dVB\x00"
_QR_MODEL, _QR_SIZE, _QR_MENDING = b"\x1d(k\x04\x001A2\x00", b"\x1d(k\x03\x001C\x07", b"\x1d(k\x03\x001E1"
_QR_PRINT = b"\x1d(k\x03\x001Q0"


@dataclass(frozen=True, slots=True)
class SlipRow:
    """A line of a slip: a label, and an amount at the right edge."""

    label: str
    amount: str = ""


def drawer_kick() -> bytes:
    """Return what opens the drawer."""
    return _INIT + _KICK


def slip(*, title: str, head: Iterable[str], rows: Iterable[SlipRow], total: SlipRow, foot: Iterable[str]) -> bytes:
    """Return what prints a slip and cuts it."""
    parts = [_INIT, _CENTRE, _BIG, _line(title[: WIDTH // 2]), _NORMAL]
    parts += [_line(one) for one in head]
    parts += [_LEFT, _line("-" * WIDTH)]
    parts += [_row(row) for row in rows]
    parts += [_line("-" * WIDTH), _row(total), _CENTRE]
    parts += [_line(one) for one in foot]
    return b"".join([*parts, _LEFT, _CUT])


def ticket_slip(*, title: str, head: Iterable[str], link: str, number: str, foot: Iterable[str]) -> bytes:
    """Return what prints a ticket with the QR code of its link, drawn by the printer, and cuts it."""
    parts = [_INIT, _CENTRE, _BIG, _line(title[: WIDTH // 2]), _line(number), _NORMAL, _qr(link)]
    parts += [_line(one) for one in head]
    parts += [_line(one) for one in foot]
    return b"".join([*parts, _LEFT, _CUT])


def _qr(text: str) -> bytes:
    data = text.encode()
    length = (len(data) + 3).to_bytes(2, "little")
    return b"".join([_QR_MODEL, _QR_SIZE, _QR_MENDING, b"\x1d(k", length, b"1P0", data, _QR_PRINT, b"\n"])


def _row(row: SlipRow) -> bytes:
    room = WIDTH - len(row.amount) - 1
    lines = [row.label[start : start + room] for start in range(0, max(1, len(row.label)), room)]
    *above, last = lines
    return b"".join([*map(_line, above), _line(f"{last:<{room}} {row.amount}".rstrip())])


def _line(text: str) -> bytes:
    plain = text.replace("\u00a0", " ").replace("\u2013", "-").replace("\u2212", "-").replace("\u2019", "'")
    return plain.encode(_ENCODING, "replace") + b"\n"
