"""Draws docs/layers.svg from the import linter's contracts: `python docs/draw_layers.py`."""

import tomllib
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "layers.svg"
WIDTH, MARGIN, GAP = 920, 20, 10
NAME_HEIGHT, LINE_HEIGHT, PADDING = 18, 15, 10
LETTER_WIDTH = 6.4
"""About how wide a letter of the small text is, so that lines end inside their box."""
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#4a5568}.name{font-size:15px;font-weight:600;fill:#1a202c}"
    ".box{fill:#fff;stroke:#94a3b8}"
)


def draw(project: str) -> str:
    """Return the picture for the text of a pyproject.toml: a row for each layer, the highest on top."""
    contracts = {one["name"]: one for one in tomllib.loads(project)["tool"]["importlinter"]["contracts"]}
    pure = contracts["pure cores know no framework"]["source_modules"]
    shared = [_names(layer, ":") for layer in contracts["what all share"]["layers"]]
    parts: list[str] = []
    top = MARGIN
    for layer in contracts["rooms"]["layers"]:
        rooms = _names(layer, "|")
        notes = {room: _notes(room, pure, shared if room == "common" else []) for room in rooms}
        width = (WIDTH - 2 * MARGIN - GAP * (len(rooms) - 1)) / len(rooms)
        lines = {room: _lines(notes[room], width) for room in rooms}
        height = 2 * PADDING + NAME_HEIGHT + LINE_HEIGHT * max(map(len, lines.values()))
        for place, room in enumerate(rooms):
            parts += _box(room, lines[room], left=MARGIN + place * (width + GAP), top=top, size=(width, height))
        top += height + GAP
    return _picture(parts, height=top - GAP + MARGIN)


def _names(layer: str, between: str) -> list[str]:
    return [name.strip() for name in layer.split(between)]


def _notes(room: str, pure: Sequence[str], shared: Sequence[Sequence[str]]) -> list[str]:
    """Return what stands below a room's name: its layers, and its modules that know no framework."""
    cores = [module.partition(".")[2] for module in pure if module.split(".")[0] == room]
    layers = " → ".join(", ".join(names) for names in shared)
    return [*([f"layers: {layers}"] if layers else []), *([f"pure: {', '.join(cores)}"] if cores else [])]


def _lines(notes: Sequence[str], width: float) -> list[str]:
    return [line for note in notes for line in wrap(note, int((width - 2 * PADDING) / LETTER_WIDTH))]


def _box(room: str, lines: Sequence[str], *, left: float, top: float, size: tuple[float, float]) -> Iterator[str]:
    width, height = size
    yield f'<rect class="box" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="6"/>'
    yield f'<text class="name" x="{left + PADDING:g}" y="{top + PADDING + 13:g}">{escape(room)}</text>'
    for number, line in enumerate(lines, start=1):
        below = top + PADDING + NAME_HEIGHT + LINE_HEIGHT * number - 3
        yield f'<text x="{left + PADDING:g}" y="{below:g}">{escape(line)}</text>'


def _picture(parts: Sequence[str], *, height: float) -> str:
    title = "The rooms of the product: each imports only from rooms below its row"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height:g}" rx="8" fill="#f1f5f9"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(draw((ROOT / "pyproject.toml").read_text(encoding="utf-8")), encoding="utf-8")
