"""What the documents say, held against the product: links, commands, examples and their prices."""

import json
import re
import runpy
import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from billing.pricing import parse_rules, price_stay
from gates.decision import Action, Reason
from gates.reads.body import ReadBody, parse_read
from sites import read_site

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ZURICH = ZoneInfo("Europe/Zurich")
UUID = "a0ff15fd-51fb-485d-bdb4-2db7bc02a622"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def first_cells(text: str) -> list[str]:
    """The first column of the tables in a text, without their heads."""
    return re.findall(r"^\| (`[^|]+?`) \|.*$(?!\n\|---)", text, re.MULTILINE)


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links() -> list[tuple[Path, str]]:
    found = []
    for document in DOCUMENTS:
        targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
        found += [(document, target) for target in targets if not target.startswith("http")]
    return found


@pytest.mark.parametrize(("document", "target"), links(), ids=lambda value: str(getattr(value, "name", value)))
def test_link_leads_somewhere(document, target):
    name, _, anchor = target.partition("#")
    path = (document.parent / name).resolve() if name else document
    assert path.exists()
    assert not anchor or anchor in anchors(path)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_file_exists(document):
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_*.]*|[a-z_]+\.(?:py|jsonl))`", document.read_text(encoding="utf-8"))
    ours = [
        path for path in named if "/" in path and (ROOT / path.split("/")[0]).is_dir() and not path.startswith("var/")
    ]
    assert [path for path in ours if not any(ROOT.glob(path.rstrip("/")))] == []


def test_documented_variable_is_read():
    documented = {cell.strip("`") for cell in first_cells(section(text_of("README.md"), "Configuration"))}
    settings = text_of("parking/settings.py")
    assert documented
    assert {name for name in documented if f'"{name}"' not in settings} == set()


def test_named_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"`make ([a-z-]+)", document.read_text())}
    assert named
    assert named <= targets


def test_files_named_by_make_exist():
    named = set(re.findall(r"\btests/[\w/]+(?:\.py)?", text_of("Makefile")))
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_site_file_of_the_readme_is_right():
    block = re.search(r"```json\n(.+?)```", section(text_of("README.md"), "Your own site"), re.DOTALL)
    assert block is not None
    site = read_site(block[1])
    assert [lot.slug for lot in site.lots] == ["central"]


def priced_examples() -> list[tuple[str, str, str, str, str]]:
    rows = []
    for block in re.split(r"```json\n", text_of("docs/tariffs.md"))[1:]:
        tariff, _, rest = block.partition("```")
        table = re.findall(r"^\| (\w{3} [\d-]+ [\d:]+) \| (\w{3} [\d-]+ [\d:]+) \| ([\d.]+) \|", rest, re.MULTILINE)
        rows += [(json.loads(tariff)["name"], tariff, *row) for row in table]
    return rows


def local(text: str) -> datetime:
    moment = datetime.strptime(text[4:], "%Y-%m-%d %H:%M").replace(tzinfo=ZURICH)
    assert f"{moment:%a}" == text[:3]
    return moment


@pytest.mark.parametrize(("name", "tariff", "comes", "leaves", "costs"), priced_examples())
def test_example_of_a_tariff_costs_what_it_says(name, tariff, comes, leaves, costs):
    price = price_stay(
        parse_rules(json.loads(tariff)), entry=local(comes), exit=local(leaves), spot_type="regular", timezone=ZURICH
    )
    assert Decimal(price.total) / 100 == Decimal(costs), name


def test_every_tariff_example_has_prices():
    assert len({name for name, *_ in priced_examples()}) == text_of("docs/tariffs.md").count("```json")


def test_actions_and_reasons_of_gates_are_documented():
    answers = {cell.strip("`") for cell in first_cells(section(text_of("docs/gates.md"), "What to do with the answer"))}
    refused = {Action.ERROR.value, Reason.EVENT_CONFLICT.value}
    assert answers == {value.value for value in (*Action, *Reason)} - refused


def test_fields_of_a_read_are_documented():
    cells = first_cells(section(text_of("docs/gates.md"), "What a read may say"))
    documented = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert documented == set(ReadBody.model_fields) - {"dropped"}  # which we note ourselves


@pytest.mark.parametrize("name", ["README.md", "docs/gates.md"])
def test_reads_in_commands_are_valid(name):
    bodies = re.findall(r"-d '(\{\"event_id\".+\})'$", text_of(name), re.MULTILINE)
    reads = [body for body in bodies if "of_event" not in body]
    assert reads
    for body in reads:
        filled = re.sub(
            r"'\$\(date.*?\)'", "2026-03-02T08:15:00Z", re.sub(r"'\$(?:EVENT|\((?:new_id|cat.*?)\))'", UUID, body)
        )
        assert parse_read(filled.encode(), none_words=frozenset()).plate


def test_picture_of_the_layers_is_drawn_from_the_contracts():
    draw = runpy.run_path(str(ROOT / "docs" / "draw_layers.py"))["draw"]
    assert draw(text_of("pyproject.toml")) == text_of("docs/layers.svg"), "run python docs/draw_layers.py"


def test_layers_and_pure_cores_are_the_checked_ones():
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    text = section(text_of("CONTRIBUTING.md"), "Rooms")
    drawn = re.search(r"```\n(.+?)```", text, re.DOTALL)
    assert drawn is not None
    assert [re.split(r"\s{2,}", line)[0] for line in drawn[1].splitlines()] == contracts[0]["layers"]
    cores = {module.replace(".", "/") for module in contracts[-1]["source_modules"]}
    assert {
        re.sub(r"/$|\.py$", "", path)
        for path in re.findall(r"`([a-z_]+/[a-z_/]+(?:\.py)?)`", text.partition("no Django at all")[2])
    } == cores
