"""Everything devices might send, to the web server itself: no answer is an error of ours, and nothing breaks later.

`FUZZ_SEED` chooses other inputs; a failure names its seed and prints the input.
"""

import os

import pytest
from django.utils.timezone import now

from tests.fuzz.devices import Devices, Site
from tests.fuzz.pages import broken_pages, do_periodic_work
from tests.fuzz.server import Request, Server, running_server
from verification import INVARIANTS, prove, snapshot

SEED = int(os.environ.get("FUZZ_SEED", "20260302"))
FAILURES_SHOWN = 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("inputs", "pages"), [(500, 100), pytest.param(20_000, 3_000, marks=pytest.mark.proof)], ids=["500", "20000"]
)
def test_nothing_that_devices_send_is_an_error_or_breaks_a_page(inputs, pages, tmp_path):
    site = Site()
    devices = Devices(site, SEED, now())
    with running_server(tmp_path) as server:
        failed = sent(devices, server, inputs)
        assert not failed, f"seed {SEED}:\n" + "\n".join(failed[:FAILURES_SHOWN]) + server.told()
    do_periodic_work()
    with snapshot():
        broken = [finding for finding in prove(INVARIANTS) if not finding.holds]
    assert broken == []
    assert broken_pages(site.lots, devices.plates, at_most=pages) == []


def sent(devices: Devices, server: Server, inputs: int) -> list[str]:
    """Send inputs and return those that were answered with an error of ours, as text."""
    failed = []
    for number in range(inputs):
        request = devices.next()
        answer = server.send(request)
        if answer.status >= 500:
            failed.append(f"input {number}: {answer.status} to {shown(request)}")
        devices.heard(request, answer)
    return failed


def shown(request: Request) -> str:
    return f"{request.method} {request.target} {request.headers} {request.body[:2_000]!r}"
