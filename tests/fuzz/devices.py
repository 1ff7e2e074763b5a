"""Devices that send everything a device might: right, nearly right, wild, again, out of order, and with wild clocks."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

from lots.models import Gate, Lot
from tests.factories import HOURLY, make_device, make_gate, make_lot, make_operator
from tests.fuzz.server import Answer, Request
from tests.fuzz.values import SECONDS, wild_instant, wild_text, wild_value

PLATES = 40
DEAR = {"name": "Dear", "bands": [{"from": "00:00", "to": "24:00", "price": 10**9, "increment_minutes": 1}]}
"""The highest price there is, as often as it can be asked for."""
HEADERS = [
    ("Authorization", "Bearer \xff\xfe"), ("Authorization", "Basic \x80"), ("Authorization", ""), ("Cookie", 'sessionid="\\000"'),
    ("Cookie", "sessionid=\xff; csrftoken=\xff; theme=\xff"), ("Content-Type", "text/plain"),
    ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "application/json; charset=nonsense"),
    ("Content-Type", "multipart/form-data; boundary="), ("Content-Encoding", "gzip"), ("Accept", "\xff"),
    ("Accept-Language", "xx-" * 200), ("Idempotency-Key", "\xff" * 300), ("If-None-Match", '"\xff'), ("Origin", "http://["),
    ("Referer", "http://[::"), ("X-Forwarded-For", "\xff, nonsense"), ("HX-Current-URL", "http://["),
]  # fmt: skip


class Lane:
    """A gate with the keys of its camera, of its barrier and of its lot's edge box."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.keys = [make_device(gate, kind)[1] for kind in ("camera", "barrier", "edge")]


class Site:
    """Lots of two operators, with every kind of lane there is."""

    def __init__(self) -> None:
        self.operators = [make_operator(f"fuzz-{number}") for number in range(2)]
        ours, theirs = self.operators
        dear = HOURLY | {"grace_minutes": 0, "plans": [DEAR], "lost_ticket_fee": 10**9}
        self.lots: list[Lot] = [
            make_lot(ours, slug="fuzz-spots", spots={"regular": 6, "ev": 1}, levels=2, allocation="spread"),
            make_lot(ours, slug="fuzz-levels", spots={"regular": 5}, tracking="levels", low_confidence="attend"),
            make_lot(ours, slug="fuzz-dear", spots={"regular": 9}, tariff=dear, lane_fee_limit=1),
            make_lot(ours, slug="fuzz-free", spots={"regular": 9}, tariff=None, is_closed=True),
            make_lot(theirs, slug="fuzz-theirs", spots={"regular": 9}),
        ]
        self.lanes = [
            Lane(make_gate(lot, direction, f"{lot.slug}-{direction}-{confirms:d}", confirms_passage=confirms))
            for lot in self.lots
            for direction in ("entry", "exit")
            for confirms in (False, True)
        ]


class Devices:
    """Makes one input after another from a seed, and remembers what was sent and answered."""

    def __init__(self, site: Site, seed: int, now: dt.datetime) -> None:
        self.random, self.now, self._lanes = Random(seed), now, site.lanes
        self._sent: list[tuple[Lane, str, dict[str, Any]]] = []
        self._opened: list[tuple[Lane, str]] = []
        self._numbers = ["PS-0000000000"]
        self.plates = [f"ZH {self.random.randrange(10**5, 10**6)}" for _ in range(PLATES)]

    def next(self) -> Request:
        """Return what comes next."""
        makes: list[tuple[Callable[[], Request], int]] = [
            (self._plausible, 50), (self._nearly, 18), (self._wild, 6), (self._again, 12), (self._passage, 16),
            (self._raw, 5), (self._odd_request, 5), (self._reference, 4),
        ]  # fmt: skip
        return self.random.choices([make for make, _ in makes], [often for _, often in makes])[0]()

    def heard(self, request: Request, answer: Answer) -> None:
        """Remember what an answer tells."""
        if answer.status != 200 or not self._sent:
            return
        try:
            told = json.loads(answer.body)
        except ValueError:
            return
        ticket = told.get("ticket") if isinstance(told, dict) else None
        if ticket:
            self._numbers += [value for value in (ticket["number"], ticket.get("link", "").rpartition("/")[2]) if value]
        if isinstance(told, dict) and told.get("action") == "open":
            self._opened.append((self._sent[-1][0], told["event_id"]))

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def _plate(self) -> str | None:
        random = self.random
        plate = random.choice(self.plates)
        return random.choices(
            [plate, plate.lower(), f" {plate[:-1]}8", plate[:-1], None, "UNKNOWN"], [60, 5, 8, 5, 5, 2]
        )[0]

    def _read(self) -> dict[str, Any]:
        random = self.random
        body: dict[str, Any] = {"event_id": self._id(), "plate": self._plate()}
        maybe: dict[str, tuple[float, Callable[[], Any]]] = {
            "confidence": (0.6, lambda: random.choice([0, 0.3, 0.6, 0.95, 1])),
            "captured_at": (0.5, lambda: wild_instant(random, self.now)),
            "ticket_number": (0.15, lambda: random.choice(self._numbers[-60:])),
            "candidates": (0.1, lambda: [{"plate": self._plate() or "X", "confidence": 0.5}] * random.randrange(4)),
            "vehicle_type": (0.2, lambda: random.choice(["motorcycle", "compact", "large", "car", "VAN"])),
            "electric": (0.1, lambda: True),
            "permit": (0.1, lambda: True),
            "region": (0.1, lambda: "CH-ZH"),
            "seq": (0.3, lambda: random.choice([0, 1, random.randrange(10**6), 2**53 - 1])),
            "offline": (0.4, lambda: True),
        }
        body |= {name: make() for name, (often, make) in maybe.items() if random.random() < often}
        if body.get("offline") and random.random() < 0.8:
            away = random.choice(SECONDS) * random.random()
            body["captured_at"] = (self.now - dt.timedelta(seconds=away)).isoformat()
        return body

    def _plausible(self) -> Request:
        return self._send(self.random.choice(self._lanes), self._read())

    def _nearly(self) -> Request:
        body = self._read()
        field = self.random.choice([*body, "seq", "captured_at", "ticket_number", "candidates", "region", "image_url"])
        if self.random.random() < 0.2:
            body.pop(field, None)
        elif field == "captured_at":
            body[field] = wild_instant(self.random, self.now)
        else:
            body[field] = wild_value(self.random)
        return self._send(self.random.choice(self._lanes), body)

    def _wild(self) -> Request:
        body = {name: wild_value(self.random) for name in self._read() if self.random.random() < 0.5}
        return self._send(
            self.random.choice(self._lanes), body if self.random.random() < 0.8 else wild_value(self.random)
        )

    def _again(self) -> Request:
        """Send an event again: the same, changed, from elsewhere, or its id as another kind's."""
        if not self._sent:
            return self._plausible()
        lane, path, body = self.random.choice(self._sent[-300:])
        how = self.random.randrange(5)
        if how == 1:
            body = body | {"plate": self._plate()}
        elif how == 2:
            body = self._read() | {"event_id": body.get("event_id")}
        elif how == 3:
            lane = self.random.choice(self._lanes)
        elif how == 4:
            path = self.random.choice(["reads", "passages", "entry"])
        return self._send(lane, body, path)

    def _passage(self) -> Request:
        random = self.random
        if not self._opened:
            return self._plausible()
        lane, opening = random.choice(self._opened[-40:])
        body: dict[str, Any] = {
            "event_id": random.choice([self._id(), self._id(), opening]),
            "of_event": random.choice([opening, opening, opening, self._id(), wild_text(random)]),
            "outcome": random.choice(["passed", "passed", "backed_out", "fault", "flew"]),
        }
        if random.random() < 0.5:
            body["at"] = wild_instant(random, self.now)
        if random.random() < 0.1:
            body[random.choice(list(body))] = wild_value(random)
        return self._send(lane if random.random() < 0.9 else random.choice(self._lanes), body, "passages")

    def _raw(self) -> Request:
        text = json.dumps(self._read()).encode()
        random = self.random
        raw = random.choice([
            text[: random.randrange(len(text))], b"\xef\xbb\xbf" + text, b"\xff\xfe" + text, text.replace(b'"', b"'"),
            b"[" * 60_000, b'{"a":' * 9_000 + b"1" + b"}" * 9_000, b"[" * 200 + b"]" * 200, b"1" * 60_000, text + text,
            b'{"seq": ' + b"9" * 50_000 + b"}", text[:-1] + b', "seq": 1e400}', text[:-1] + b', "seq": -0}',
            text[:-1] + b', "event_id": "again"}', b"\x00" * 10, b"", b" " * 70_000, random.randbytes(64),
            text.replace(b"ZH", b"\\ud800"), text.replace(b"ZH", b"\xc3\x28"), text.replace(b"ZH", b"\\u0000"),
        ])  # fmt: skip
        return self._send(random.choice(self._lanes), raw)

    def _odd_request(self) -> Request:
        """A good read below an odd address, or with an odd header."""
        request = self._plausible()
        name, value = self.random.choice(HEADERS)
        if self.random.random() < 0.6:
            return Request(request.method, request.target, request.headers | {name: value}, request.body)
        odd = quote(wild_text(self.random).encode("utf-8", "surrogatepass")[:900], safe="")
        paths = [
            f"/api/v1/gates/{odd}/reads",
            f"/api/v1/gates/{odd}/passages",
            f"{request.target}?{odd}",
            f"/api/v1/{odd}",
        ]
        method = self.random.choice(["POST", "POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
        return Request(method, self.random.choice(paths), request.headers, b"" if method == "HEAD" else request.body)

    def _reference(self) -> Request:
        """What anybody may ask of a ticket."""
        random = self.random
        reference = random.choice([*self._numbers[-40:], wild_text(random)])
        named = quote(reference.encode("utf-8", "surrogatepass")[:900], safe="")
        if random.random() < 0.5:
            return Request("GET", f"/api/v1/tickets/{named}/fee", {})
        body = {"method": "card", "token": random.choice(["tok_ok", "tok_declined", "tok_partial", wild_text(random)])}
        wild = {"amount": wild_value(random), "receipt_email": wild_value(random), "method": wild_value(random)}
        body |= {name: value for name, value in wild.items() if random.random() < 0.2}
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": random.choice(["one", self._id(), "\xff" * 300]),
        }
        return Request("POST", f"/api/v1/tickets/{named}/pay", headers, json.dumps(body).encode())

    def _send(self, lane: Lane, body: Any, path: str = "reads") -> Request:
        random = self.random
        if isinstance(body, dict):
            if path in {"entry", "exit"} or (path == "reads" and random.random() < 0.2):
                path = lane.gate.direction if random.random() < 0.95 else random.choice(["entry", "exit"])
                body = body | {"gate": lane.gate.code}
            self._sent.append((lane, path, body))
        key = random.choice(lane.keys if random.random() < 0.97 else random.choice(self._lanes).keys)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        target = f"/api/v1/{path}" if path in {"entry", "exit"} else f"/api/v1/gates/{lane.gate.code}/{path}"
        if path == "reads" and random.random() < 0.3:
            target += "?long"  # past the fast path
        return Request("POST", target, headers, body if isinstance(body, bytes) else json.dumps(body).encode())
