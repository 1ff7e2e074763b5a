"""docs/events.md has an example of each type, with the fields that are recorded."""

import json
import re
from pathlib import Path

import pytest

from events.models import Event, EventType
from tests.events.facts import record_every_type

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/events.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_document_has_an_example_of_each_type_as_it_is_recorded():
    record_every_type()
    examples = [
        json.loads(line)
        for block in re.findall(r"```jsonl\n(.+?)```", DOCUMENT, re.DOTALL)
        for line in block.splitlines()
    ]
    told = {one["type"]: (one["subject"].partition(":")[0], sorted(one["data"])) for one in examples}
    recorded = {
        event.kind: (event.subject.partition(":")[0], sorted(event.data)) for event in Event.objects.order_by("id")
    }

    assert len(examples) == len(told)
    assert set(told) == set(EventType.values)
    assert told == recorded
