"""Every call of the API asked by each kind of caller with all that its document allows, and with much that it does not."""

import datetime as dt
import json
import logging
import math
import traceback
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import schemathesis
from django.conf import settings
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as terms
from hypothesis import strategies as st
from requests.exceptions import InvalidJSONError
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from throttled import RateLimitResult

from accounts.scopes import ALL_SCOPES
from api.described_calls import JSON, PROBLEM
from api.root import api
from tests.access.world import World
from tests.factories import HOURLY, make_api_key, make_device
from tests.fuzz.values import wild_instant, wild_value
from tests.gates.lanes import undone

CALLERS = ("nobody", "driver", "attendant", "admin", "validator", "integrator", "device", "edge")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = (GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CSRF = "c" * 32
SECONDS = (-86_400, -7_200, -60, 0, 60, 3_600, 7_200, 86_400, 90_000, 30 * 86_400)
RAW = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 50_000, b'{"a":' * 5_000, b'{"lot": "\\ud800"}',
    b'{"amount": 1e400}', b'{"amount": NaN}', b'{"amount": ' + b"9" * 5_000 + b"}", b'{"plate": "\\u0000"}', b"x" * 70_000,
    b'{"lot": "ours", "lot": "theirs"}', '{"plate": "Ж"}'.encode("utf-16"),
]  # fmt: skip
"""Bodies that are hardly any."""
HEADERS = [
    {"Content-Type": "text/plain"}, {"Content-Type": "application/json; charset=nonsense"}, {"Content-Type": ""},
    {"Content-Type": "multipart/form-data; boundary="}, {"Content-Type": "application/x-www-form-urlencoded"},
    {"Content-Encoding": "gzip"}, {"Accept": "nonsense"}, {"Accept-Language": "xx-" * 200}, {"Range": "bytes=0-1"},
    {"If-Match": "nonsense"}, {"If-Match": '"x"'}, {"If-None-Match": "*"}, {"If-None-Match": 'W/"x'},
    {"Idempotency-Key": "x" * 256}, {"Idempotency-Key": "once"}, {"X-HTTP-Method-Override": "DELETE"},
]  # fmt: skip


class Callers:
    """A world, and the credentials of each kind of caller."""

    def __init__(self) -> None:
        self.world = World()
        people, world = self.world.people, self.world
        key = make_api_key(people["admin"], *sorted(ALL_SCOPES), name="Everything").key
        self._headers = {"nobody": {}, "integrator": _bearer(key)}
        self._headers |= {
            "device": _bearer(make_device(world.gate)[1]),
            "edge": _bearer(make_device(world.gate, "edge")[1]),
        }
        self._cookies: dict[str, dict[str, str]] = {}
        for name in ("driver", "attendant", "admin", "validator"):
            session = world.clients[name].cookies[settings.SESSION_COOKIE_NAME].value
            self._headers[name] = {"X-CSRFToken": CSRF}
            self._cookies[name] = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
        self.schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
        self.schema.config.generation.update(with_security_parameters=False)
        self.schema.app = WSGIHandler()

    def sorted_for(self, caller: str) -> tuple[list[APIOperation], list[APIOperation]]:
        """Return the calls of the document that accept a caller's credentials, and the others."""
        way = {"integrator": "api_key", "device": "device_key", "edge": "device_key"}.get(caller, "session")
        accepting, refusing = [], []
        for found in self.schema.get_all_operations():
            operation = found.ok()
            ways = [name for one in operation.definition.raw.get("security", [{"": []}]) for name in one or [""]]
            is_open = "" in ways or (way in ways and caller != "nobody")
            (accepting if is_open else refusing).append(operation)
        return accepting, refusing

    def asked(self, operation: APIOperation) -> st.SearchStrategy[tuple[Case, int]]:
        """Return what is asked: as the document says or not, and a number that decides what is put in its place."""
        either = st.sampled_from(MODES).flatmap(lambda mode: operation.as_strategy(generation_mode=mode))
        return st.tuples(either, st.integers(0, 2**32))

    def send(self, case: Case, caller: str, random: Random) -> Response:
        """Ask as a caller, and undo what comes of it."""
        self._put_known(case, random)
        case.query = _as_text(case.query)
        more: dict[str, Any] = {"cookies": self._cookies.get(caller), "environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
        headers = {"Accept-Encoding": "identity"} | self._headers[caller]
        if random.random() < 0.1:
            headers |= random.choice(HEADERS)
        if case.media_type == JSON and not isinstance(case.body, NotSet):
            more["data"] = json.dumps(case.body, default=str)
        else:
            case.body = _as_text(case.body)
        if "requestBody" in case.operation.definition.raw and random.random() < 0.08:
            more["data"] = random.choice(RAW)
            headers.setdefault("Content-Type", "application/json")
        with undone():
            return case.call(headers=headers, **more)

    def _put_known(self, case: Case, random: Random) -> None:
        for name in case.path_parameters:
            if random.random() < 0.7:
                case.path_parameters[name] = str(self.world.value(name, case.path))
        for name in list(case.query or {}):
            if random.random() < 0.4:
                case.query[name] = self._known(name, case.path, case.query[name], random)
        if isinstance(case.body, dict):
            self._put_into(case.body, case.path, random, random.choice([0.3, 0.6, 0.95]))

    def _put_into(self, body: dict[str, Any], path: str, random: Random, share: float) -> None:
        for name, value in body.items():
            if isinstance(value, dict) and name not in {"rules", "opening_hours"}:
                self._put_into(value, path, random, share)
            elif random.random() < share:
                body[name] = self._known(name, path, value, random)
            elif random.random() < 0.05:
                body[name] = wild_value(random)

    def _known(self, name: str, path: str, old: Any, random: Random) -> Any:
        world, rows = self.world, self.world.rows
        known: dict[str, Any] = {
            "lot": world.lot.slug, "operator": world.lot.operator.slug, "gate": random.choice(["ours-in", "ours-out"]),
            "plate": random.choice(["ZH 1", "ZH 2", "ZH 90", "ZH 99", "ZH 77", "GE 5"]), "token": random.choice(["tok_ok", "tok_declined", "tok_3ds"]),
            "ticket": world.ticket.number, "ticket_number": world.ticket.number, "offer": rows["offers"].pk, "spot": rows["spots"].number,
            "plates": [f"ZH {random.randint(1, 99)}"], "amount": random.choice([1, 100, 600]), "type": world.kind.pk, "event_id": str(uuid.UUID(int=random.getrandbits(128))), "url": "https://example.com/hook",
            "saved_method": rows["cards"].pk, "company": rows["companies"].pk, "number": rows["documents"].number, "rules": HOURLY,
            "promo_code": rows["promo-codes"].code, "email": "new@example.com", "currency": "CHF", "timezone": "Europe/Zurich", "slug": "third",
        }  # fmt: skip
        if name in known:
            return known[name]
        if name in {"start", "end", "entry", "exit", "from", "to", "at", "captured_at"}:
            if random.random() < 0.2:
                return wild_instant(random, now())
            return (now() + dt.timedelta(seconds=random.choice(SECONDS))).isoformat()
        if name in {"valid_from", "valid_until"}:
            return (now() + dt.timedelta(days=random.choice([-400, 0, 1, 400]))).date().isoformat()
        return old


class NoLimits:
    """Counts nothing, so that limits hide nothing."""

    def limit(self, _what: str, _who: str, tries: int, _period: dt.timedelta) -> RateLimitResult:
        """Return that all tries are left."""
        return RateLimitResult(False, (tries, tries, 0.0, 0.0))


class Findings:
    """What was wrong with answers, each thing once."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self.requests = 0
        self.statuses: Counter[int] = Counter()
        self._raised: list[str] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note what is raised on our side meanwhile."""

        def note(**_more: Any) -> None:
            self._raised.append(traceback.format_exc())

        got_request_exception.connect(note)
        try:
            yield
        finally:
            got_request_exception.disconnect(note)

    def check(self, case: Case, caller: str, answer: Response) -> None:
        """Compare an answer with the document."""
        self.requests += 1
        self.statuses[answer.status_code] += 1
        raised, self._raised = self._raised, []
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                self._note(
                    case,
                    caller,
                    f"{answer.status_code} {failure.title}",
                    f"{failure}\n{''.join(raised)[-3000:]}",
                    answer,
                )
        except InvalidJSONError:
            # A body with a number that is none can't be told as a command; that it was wrong is told nevertheless.
            self.found.setdefault(f"{case.operation.label}: {answer.status_code}", "".join(raised)[-3000:])
        code = _undocumented(case, answer)
        if code:
            self._note(case, caller, f"{answer.status_code} {code} is not in the document", "", answer)

    def _note(self, case: Case, caller: str, what: str, why: str, answer: Response) -> None:
        told = f"as {caller}: {case.as_curl_command()[:600]}\n{answer.content[:400]!r}\n{why}"
        self.found.setdefault(f"{case.operation.label}: {what}", told)


def _undocumented(case: Case, answer: Response) -> str:
    """Return the code of a problem that the document does not name, else nothing."""
    said = case.operation.definition.raw["responses"].get(str(answer.status_code))
    if said is None or not answer.headers.get("content-type", [""])[0].startswith(PROBLEM):
        return ""
    code = json.loads(answer.content)["code"]
    return "" if code in said["content"].get(PROBLEM, {}).get("examples", {}) else code


def fuzz(callers: Callers, caller: str, *, requests: int, first: int) -> Findings:
    """Ask all calls as a caller about so many times, mostly those that accept it, and return what was wrong.

    `first` chooses other requests.
    """
    accepting, refusing = callers.sorted_for(caller)
    others = max(1, requests // 10 // len(refusing))
    each = max(1, math.ceil((requests - others * len(refusing)) / len(accepting)))
    findings = Findings()
    cache.clear()
    with _undisturbed(), findings.listening():
        for operation, times in [(one, each) for one in accepting] + [(one, others) for one in refusing]:

            @seed(f"{caller} {first}")
            @terms(_ALL, max_examples=times)
            @given(callers.asked(operation))
            def ask(drawn: tuple[Case, int]) -> None:
                case, number = drawn
                findings.check(case, caller, callers.send(case, caller, Random(f"{caller} {number}")))

            ask()
    return findings


_ALL = terms(
    database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck), print_blob=False
)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the test's connection open between requests, and write no logs."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        for signal in signals:
            signal.connect(close_old_connections)


def _as_text(value: Any) -> Any:
    """Return what an address or a form can carry of a value: halves of pairs of UTF-16 stand in none."""
    if isinstance(value, dict):
        return {_as_text(name): _as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}
