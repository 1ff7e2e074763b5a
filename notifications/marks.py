"""What a message says, in blocks that are written both as text and as HTML.

Templates write plain text. Some lines are marks, made by the tags of `notifications/templatetags/mail.py`: a fact with
its label, an amount of a list, a link to follow, the words of a person. Marks are made of control characters, which
are taken out of everything that a template is filled with, so nobody's name can forge one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

START, BETWEEN, LINE = "\x1e", "\x1f", "\x1d"
FACT, SUM, TOTAL, ACTION, LINK, QUOTE = "F", "S", "T", "A", "L", "Q"
SHORTEST_LABELS = 10

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; with an `address` it is a link."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class MailBlock:
    """One part of a message: lines of text, facts, amounts, a link to follow, or what a person wrote."""

    kind: str
    lines: list[list[Piece]] = field(default_factory=list)
    rows: list[tuple[str, str, bool]] = field(default_factory=list)
    label: str = ""
    address: str = ""


def mark(letter: str, *fields: object) -> str:
    """Return a mark, as the tags write it."""
    return START + BETWEEN.join([letter, *(str(one).replace("\n", LINE) for one in fields)])


def cleaned(context: Mapping[str, Any], *, multiline: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a context whose texts have no control characters, and line breaks only in the `multiline` ones."""
    return {name: _clean(value, keeps_lines=name in multiline, multiline=multiline) for name, value in context.items()}


def blocks_of(written: str, *, own: str) -> list[MailBlock]:
    """Return what a template wrote, in blocks; only addresses that begin with `own` become links."""
    found: list[MailBlock] = []
    lines: list[str] = []
    for line in [*written.strip(" \t\r\n").split("\n"), ""]:
        stripped = line.strip(" \t\r")
        if stripped and not stripped.startswith(START):
            lines.append(stripped)
            continue
        if lines:
            found.append(_paragraph(lines, own))
            lines = []
        if stripped:
            _add_mark(found, stripped[1:].split(BETWEEN))
    return found


def as_text(blocks: list[MailBlock]) -> str:
    """Return blocks as plain text."""
    return "\n\n".join("\n".join(_text_of(block)) for block in blocks) + "\n"


def first_words(blocks: list[MailBlock]) -> str:
    """Return the first lines of text of a message as one line."""
    lines = next((block.lines for block in blocks if block.kind == "text"), [])
    return " ".join("".join(piece.text for piece in line) for line in lines)


def _clean(value: Any, *, keeps_lines: bool, multiline: frozenset[str]) -> Any:
    if isinstance(value, str):
        plain = _CONTROLS.sub(" ", value.replace("\r\n", "\n"))
        return plain if keeps_lines else " ".join(plain.split("\n"))
    if isinstance(value, Mapping):
        return cleaned(value, multiline=multiline)
    if isinstance(value, list | tuple):
        return [_clean(one, keeps_lines=keeps_lines, multiline=multiline) for one in value]
    return value


def _paragraph(lines: list[str], own: str) -> MailBlock:
    pieces = [list(_pieces(line, own)) for line in lines]
    return MailBlock("text", lines=pieces)


def _pieces(line: str, own: str) -> Iterator[Piece]:
    end = 0
    for found in _ADDRESS.finditer(line):
        if not (own and found[0].startswith(f"{own}/")):
            continue
        if found.start() > end:
            yield Piece(line[end : found.start()])
        yield Piece(found[0], found[0])
        end = found.end()
    if end < len(line):
        yield Piece(line[end:])


def _add_mark(found: list[MailBlock], fields: list[str]) -> None:
    letter, first, last = (*fields, "", "")[:3]
    if letter == QUOTE:
        found.append(MailBlock("quote", lines=[[Piece(line)] for line in first.split(LINE)]))
        return
    first, last = (" ".join(one.split(LINE)) for one in (first, last))
    if letter == FACT:
        _rows_of(found, "facts").append((first, last, False))
    elif letter in {SUM, TOTAL}:
        _rows_of(found, "sums").append((first, last, letter == TOTAL))
    elif letter in {ACTION, LINK}:
        found.append(MailBlock("action" if letter == ACTION else "link", label=first, address=last))


def _rows_of(found: list[MailBlock], kind: str) -> list[tuple[str, str, bool]]:
    if not found or found[-1].kind != kind:
        found.append(MailBlock(kind))
    return found[-1].rows


def _text_of(block: MailBlock) -> Iterator[str]:
    if block.kind == "facts":
        width = max(SHORTEST_LABELS, *(len(label) + 2 for label, _value, _strong in block.rows))
        yield from (f"{label.ljust(width)}{value}" for label, value, _strong in block.rows)
    elif block.kind == "sums":
        yield from (f"{label}: {amount}" for label, amount, _strong in block.rows)
    elif block.kind in {"action", "link"}:
        yield f"{block.label}:"
        yield block.address
    else:
        before = "> " if block.kind == "quote" else ""
        yield from (before + "".join(piece.text for piece in line) for line in block.lines)
