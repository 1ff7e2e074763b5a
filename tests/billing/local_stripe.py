"""A small Stripe on this machine, as documented by Stripe: it speaks HTTP, keeps its books and every request it got.

What may be asked for, and what is answered, is held against the types of Stripe's own library. It can hang, be slow,
lose a request or its answer. Its events are delivered by the tests, in any order and as often as they like.
"""

import inspect
import itertools
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

KEY, SECRET = "sk_test_local", "whsec_local"
DAY = 86_400
HELD_FOR, HELD_FOR_MERCHANT = 7 * DAY, 4 * DAY + 18 * 3600
CARDS = {  # what a card does: charging, agreeing, charging without its owner
    "pm_card_visa": "ok",
    "pm_card_chargeDeclined": "declined",
    "pm_card_authenticationRequired": "asks",
    "pm_card_chargeCustomerFail": "declined",
}
PARAMS = {
    "POST /v1/payment_intents": stripe.params.PaymentIntentCreateParams,
    "POST /v1/payment_intents/*/confirm": stripe.params.PaymentIntentConfirmParams,
    "POST /v1/payment_intents/*/capture": stripe.params.PaymentIntentCaptureParams,
    "POST /v1/payment_intents/*/cancel": stripe.params.PaymentIntentCancelParams,
    "GET /v1/payment_intents/*": stripe.params.PaymentIntentRetrieveParams,
    "POST /v1/checkout/sessions": stripe.params.checkout.SessionCreateParams,
    "GET /v1/checkout/sessions/*": stripe.params.checkout.SessionRetrieveParams,
    "POST /v1/checkout/sessions/*/expire": stripe.params.checkout.SessionExpireParams,
    "POST /v1/refunds": stripe.params.RefundCreateParams,
    "GET /v1/refunds": stripe.params.RefundListParams,
    "DELETE /v1/customers/*": stripe.params.CustomerDeleteParams,
    "POST /v1/payment_methods/*/detach": stripe.params.PaymentMethodDetachParams,
}
SHAPES = {
    "payment_intent": stripe.PaymentIntent,
    "checkout.session": stripe.checkout.Session,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "customer": stripe.Customer,
    "payment_method": stripe.PaymentMethod,
    "setup_intent": stripe.SetupIntent,
}


class RefusalError(Exception):
    """An answer of 4xx, with Stripe's error object."""

    def __init__(self, status: int, kind: str, code: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status, self.body = status, {"error": {"type": kind, "code": code, "message": code or kind, **more}}


@dataclass
class Fault:
    """What goes wrong with the next requests to a path: `hang`, `lose request`, `lose answer` or `slow`."""

    path: str
    kind: str
    seconds: float = 0.0
    times: int = 10**6


@dataclass
class Request:
    method: str
    path: str
    key: str
    params: dict[str, Any]


@dataclass
class LocalStripe:
    requests: list[Request] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[Any, int, Any]] = field(default_factory=dict)
    base: str = ""

    def __post_init__(self) -> None:
        self.numbers, self.lock = itertools.count(1), threading.RLock()

    # What a test does

    def intents(self) -> list[dict[str, Any]]:
        return [one for one in self.objects.values() if one["object"] == "payment_intent"]

    def intent_of(self, reference: str) -> dict[str, Any]:
        """Return the one intent of a reference: more than one would be money asked for twice."""
        (intent,) = [one for one in self.intents() if one["metadata"].get("reference") == reference]
        return intent

    def asked(self, pattern: str) -> list[Request]:
        return [one for one in self.requests if re.fullmatch(pattern, f"{one.method} {one.path}")]

    @contextmanager
    def failing(self, path: str, kind: str, **more: Any):
        fault = Fault(path, kind, **more)
        self.faults.append(fault)
        yield
        self.faults.remove(fault)

    def pay_on_page(self, page: str, card: str = "pm_card_visa", *, agrees: bool = True) -> bool:
        """Enter a card on a hosted page, as a payer; return whether the page then leads back."""
        with self.lock:
            session = self.objects[page]
            if session["status"] != "open":
                return False
            if session["mode"] == "setup":
                return self._save_card(session, card)
            intent = self._intent(session["amount_total"], session["currency"], **session["_intent"])
            session["_attempt"] = intent
            self.objects[intent["id"]] = intent
            done = CARDS[card] == "ok" or (CARDS[card] == "asks" and agrees)
            if not done:
                del self.objects[intent["id"]]  # the same intent is tried again until one card works
                self._event("payment_intent.payment_failed", intent | {"last_payment_error": {"code": "card_declined"}})
                return False
            session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent["id"]}
            self._charged(intent, card, merchant=False)
            self._event("checkout.session.completed", session)
            return True

    def agree(self, intent_id: str, *, agrees: bool = True) -> None:
        """Answer at the bank for an intent that asks its card's owner."""
        with self.lock:
            intent = self.objects[intent_id]
            assert intent["status"] == "requires_action"
            intent["next_action"] = None
            if agrees:
                self._charged(intent, intent["payment_method"], merchant=False)
            else:
                self._declined(intent, "payment_intent_authentication_failure")

    def expire_hold(self, intent_id: str) -> None:
        """Let go of a hold, as card networks do after their time."""
        with self.lock:
            self._cancel(self.objects[intent_id], "automatic")

    def fail_refund(self, reference: str, reason: str = "unknown") -> list[dict[str, Any]]:
        """Let an accepted refund fail, as a bank may days later; return the events that tell so."""
        with self.lock:
            (refund,) = [one for one in self.refunds() if one["metadata"]["reference"] == reference]
            refund |= {"status": "failed", "failure_reason": reason}
            self.objects[refund["charge"]]["amount_refunded"] -= refund["amount"]
            self._event("charge.refund.updated", refund)
            self._event("refund.failed", refund)
            return self.events[-2:]

    def refunds(self) -> list[dict[str, Any]]:
        return [one for one in self.objects.values() if one["object"] == "refund"]

    def signed(self, event: dict[str, Any], *, secret: str = SECRET, age: int = 0) -> tuple[str, str]:
        """Return the body of a webhook and its signature."""
        body = json.dumps(event)
        return body, stripe.WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age)

    # What Stripe does

    def answer(self, method: str, path: str, key: str, params: dict[str, Any]) -> tuple[int, Any]:
        """Answer once an idempotency key: again with the same, and with an error for other parameters."""
        asked = (method, path, params)
        with self.lock:
            if key and key in self.answers:
                before, status, body = self.answers[key]
                if before != asked:
                    return 400, RefusalError(400, "idempotency_error").body
                return status, body
            try:
                status, body = 200, self._shown(self._do(method, path, params), params.get("expand", []))
            except RefusalError as refused:
                status, body = refused.status, refused.body
            # Nothing is kept of what failed to be understood.
            if key and (status == 200 or body["error"]["type"] == "card_error"):
                self.answers[key] = asked, status, body
            return status, body

    def _do(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        route = f"{method} {re.sub(r'/(pi|cs|pm|cus)_[^/]+', '/*', path)}"
        if route not in PARAMS:
            raise RefusalError(404, "invalid_request_error", "unknown_path")
        known = {name for kind in inspect.getmro(PARAMS[route]) for name in getattr(kind, "__annotations__", {})}
        known = known | set(PARAMS[route].__annotations__)
        if unknown := set(params) - known:
            raise RefusalError(400, "invalid_request_error", "parameter_unknown", param=min(unknown))
        subject = self.objects.get(path.split("/")[3 if "checkout" not in path else 4]) if "*" in route else None
        if "*" in route and subject is None and "payment_methods" not in route:
            raise RefusalError(404, "invalid_request_error", "resource_missing")
        name = route.replace("/v1/", "").replace("/*", "").replace("/", "_").replace(" ", "_").lower()
        return getattr(self, f"_{name}")(subject, params)

    def _post_payment_intents(self, _: None, params: dict[str, Any]) -> dict[str, Any]:
        given = {
            name: params[name] for name in ("capture_method", "metadata", "customer", "description") if name in params
        }
        intent = self._intent(int(params["amount"]), params["currency"], **given)
        self.objects[intent["id"]] = intent
        return intent

    def _get_payment_intents(self, intent: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        return intent

    def _post_payment_intents_confirm(self, intent: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] not in {"requires_payment_method", "requires_confirmation", "requires_action"}:
            raise RefusalError(400, "invalid_request_error", "payment_intent_unexpected_state")
        card = self._card(params["payment_method"], intent["customer"])
        intent["payment_method"] = params["payment_method"]
        merchant = params.get("off_session") == "true"
        match CARDS[card]:
            case "declined":
                self._declined(intent, "card_declined")
                raise RefusalError(402, "card_error", "card_declined", decline_code="generic_decline")
            case "asks" if merchant or params.get("error_on_requires_action") == "true":
                self._declined(intent, "authentication_required")
                raise RefusalError(402, "card_error", "authentication_required")
            case "asks":
                page = f"{self.base}/bank/{intent['id']}"
                redirect = {"url": page, "return_url": params["return_url"]}
                intent |= {
                    "status": "requires_action",
                    "next_action": {"type": "redirect_to_url", "redirect_to_url": redirect},
                }
            case _:
                self._charged(intent, card, merchant=merchant)
        return intent

    def _post_payment_intents_capture(self, intent: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        amount = int(params.get("amount_to_capture", intent["amount_capturable"]))
        if intent["status"] != "requires_capture" or not 0 < amount <= intent["amount_capturable"]:
            raise RefusalError(400, "invalid_request_error", "payment_intent_unexpected_state")
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        self.objects[intent["latest_charge"]] |= {"captured": True, "amount_captured": amount}
        self._event("payment_intent.succeeded", intent)
        return intent

    def _post_payment_intents_cancel(self, intent: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        if intent["status"] in {"succeeded", "canceled", "processing"}:
            raise RefusalError(400, "invalid_request_error", "payment_intent_unexpected_state")
        self._cancel(intent, None)
        return intent

    def _post_checkout_sessions(self, _: None, params: dict[str, Any]) -> dict[str, Any]:
        until = int(params.get("expires_at", time.time() + DAY))
        if until < time.time() + 29 * 60:
            raise RefusalError(400, "invalid_request_error", "expires_at_too_soon")
        session = self._new("cs_test_", "checkout.session", mode=params["mode"], status="open", payment_status="unpaid")
        session |= {"expires_at": until, "metadata": params.get("metadata", {}), "payment_intent": None}
        session |= {
            "setup_intent": None,
            "customer": params.get("customer"),
            "_creates": params.get("customer_creation") == "always",
        }
        session |= self._where(params, session) | {"amount_total": None}
        session["_intent"] = params.get("payment_intent_data", params.get("setup_intent_data", {}))
        if params["mode"] == "payment":
            price = params["line_items"]["0"]["price_data"]
            session |= {"amount_total": int(price["unit_amount"]), "currency": price["currency"]}
        self.objects[session["id"]] = session
        return session

    def _where(self, params: dict[str, Any], session: dict[str, Any]) -> dict[str, Any]:
        """Return where a page is shown: at our own address, or within the merchant's page, which has no way out."""
        if params.get("ui_mode", "hosted_page") == "embedded_page":
            if {"success_url", "cancel_url"} & params.keys() or "return_url" not in params:
                raise RefusalError(400, "invalid_request_error", "parameter_unknown")
            secret = f"{session['id']}_secret_fid%2Fx"
            return {
                "ui_mode": "embedded_page",
                "url": None,
                "return_url": params["return_url"],
                "client_secret": secret,
            }
        ways = {way: params[way] for way in ("success_url", "cancel_url")}
        hosted = {"ui_mode": "hosted_page", "return_url": None, "client_secret": None}
        return ways | hosted | {"url": f"{self.base}/page/{session['id']}"}

    def _get_checkout_sessions(self, session: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        return session

    def _post_checkout_sessions_expire(self, session: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        if session["status"] != "open":
            raise RefusalError(400, "invalid_request_error", "checkout_session_not_open")
        session |= {"status": "expired", "url": None}
        self._event("checkout.session.expired", session)
        return session

    def _post_refunds(self, _: None, params: dict[str, Any]) -> dict[str, Any]:
        intent = self.objects.get(params["payment_intent"])
        if intent is None or intent["status"] != "succeeded":
            raise RefusalError(400, "invalid_request_error", "charge_not_refundable")
        charge = self.objects[intent["latest_charge"]]
        if charge["amount_refunded"] + int(params["amount"]) > charge["amount_captured"]:
            raise RefusalError(400, "invalid_request_error", "charge_already_refunded")
        charge["amount_refunded"] += int(params["amount"])
        refund = self._new("re_", "refund", amount=int(params["amount"]), status="succeeded", charge=charge["id"])
        refund |= {
            "payment_intent": intent["id"],
            "currency": intent["currency"],
            "metadata": params.get("metadata", {}),
        }
        self.objects[refund["id"]] = refund
        return refund

    def _get_refunds(self, _: None, params: dict[str, Any]) -> dict[str, Any]:
        found = [one for one in self.refunds() if one["payment_intent"] == params["payment_intent"]]
        return {"object": "list", "url": "/v1/refunds", "has_more": False, "data": found[::-1]}

    def _delete_customers(self, customer: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        del self.objects[customer["id"]]
        for method in self.objects.values():
            if method["object"] == "payment_method" and method["customer"] == customer["id"]:
                method["customer"] = None
        return {"id": customer["id"], "object": "customer", "deleted": True}

    def _post_payment_methods_detach(self, method: dict[str, Any] | None, _: dict[str, Any]) -> dict[str, Any]:
        if method is None or method["customer"] is None:
            raise RefusalError(400, "invalid_request_error", "payment_method_not_attached")
        method["customer"] = None
        return method

    # Its books

    def _new(self, prefix: str, kind: str, **fields: Any) -> dict[str, Any]:
        return {"id": f"{prefix}{next(self.numbers)}", "object": kind, "created": int(time.time()), **fields}

    def _intent(self, amount: int, currency: str, **given: Any) -> dict[str, Any]:
        fields = {"amount": amount, "currency": currency, "status": "requires_payment_method", "amount_received": 0}
        empty = {"amount_capturable": 0, "latest_charge": None, "next_action": None, "last_payment_error": None}
        rest = {"customer": None, "payment_method": None, "cancellation_reason": None, "metadata": {}}
        return self._new("pi_", "payment_intent", **fields, **empty, **rest | {"capture_method": "automatic"} | given)

    def _card(self, method: str, customer: str | None) -> str:
        if method in CARDS:
            return method
        known = self.objects.get(method)
        if known is None:
            raise RefusalError(404, "invalid_request_error", "resource_missing")
        if known["customer"] is None or known["customer"] != customer:
            raise RefusalError(400, "invalid_request_error", "payment_method_unusable")
        return known["_card"]

    def _charged(self, intent: dict[str, Any], card: str, *, merchant: bool) -> None:
        manual = intent["capture_method"] == "manual"
        before = int(time.time()) + (HELD_FOR_MERCHANT if merchant else HELD_FOR)
        details = {
            "type": "card",
            "card": {"brand": "visa", "last4": "4242", "capture_before": before if manual else None},
        }
        taken = 0 if manual else intent["amount"]
        charge = self._new("ch_", "charge", amount=intent["amount"], captured=not manual, amount_captured=taken)
        charge |= {
            "amount_refunded": 0,
            "payment_method_details": details,
            "payment_intent": intent["id"],
            "paid": True,
        }
        self.objects[charge["id"]] = charge
        intent |= {"latest_charge": charge["id"], "status": "requires_capture" if manual else "succeeded"}
        intent |= {"amount_capturable": intent["amount"] - taken, "amount_received": taken, "last_payment_error": None}
        self._event("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", intent)

    def _declined(self, intent: dict[str, Any], code: str) -> None:
        intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": {"code": code}}
        self._event("payment_intent.payment_failed", intent)

    def _cancel(self, intent: dict[str, Any], reason: str | None) -> None:
        intent |= {"status": "canceled", "cancellation_reason": reason, "amount_capturable": 0, "next_action": None}
        self._event("payment_intent.canceled", intent)

    def _save_card(self, session: dict[str, Any], card: str) -> bool:
        if CARDS[card] == "declined" and card != "pm_card_chargeCustomerFail":
            return False
        if session["_creates"]:
            customer = self._new("cus_", "customer", email="driver@example.com")
            self.objects[customer["id"]] = customer
            session["customer"] = customer["id"]
        method = self._new("pm_", "payment_method", customer=session["customer"], type="card", _card=card)
        method["card"] = {"brand": "visa", "last4": "4242"}
        setup = self._new(
            "seti_", "setup_intent", status="succeeded", payment_method=method["id"], **session["_intent"]
        )
        self.objects |= {method["id"]: method, setup["id"]: setup}
        session |= {"status": "complete", "setup_intent": setup["id"]}
        self._event("setup_intent.succeeded", setup)
        self._event("checkout.session.completed", session)
        return True

    def _event(self, kind: str, subject: dict[str, Any]) -> None:
        event = self._new("evt_", "event", type=kind, data={"object": self._shown(subject, [])}, livemode=False)
        self.events.append(json.loads(json.dumps(event)))

    def _shown(self, subject: dict[str, Any], expand: Any) -> dict[str, Any]:
        """Return an object as it is sent: without what is ours, with what was to be expanded."""
        if subject["object"] == "list":
            return subject | {"data": [self._shown(one, []) for one in subject["data"]]}
        shown = {name: value for name, value in subject.items() if not name.startswith("_")}
        fields = {
            name for kind in inspect.getmro(SHAPES[shown["object"]]) for name in getattr(kind, "__annotations__", {})
        }
        assert set(shown) <= fields | {"object"}, set(shown) - fields
        for path in expand.values() if isinstance(expand, dict) else expand:
            first, _, rest = path.partition(".")
            if isinstance(shown.get(first), str):
                shown[first] = self._shown(self.objects[shown[first]], [rest] if rest else [])
        return json.loads(json.dumps(shown))


def nested(query: str) -> dict[str, Any]:
    """Return the parameters of a form with names such as `metadata[reference]`."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        *parts, last = re.findall(r"[^\[\]]+", name)
        place = found
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = value
    return found


@contextmanager
def local_stripe():  # noqa: C901 - a server in one place
    """Run a local Stripe while the context lasts."""
    books = LocalStripe()
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._serve("POST", self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

        def do_DELETE(self) -> None:
            self._serve("DELETE", urlsplit(self.path).query)

        def _serve(self, method: str, query: str) -> None:
            path, key = urlsplit(self.path).path, self.headers.get("Idempotency-Key", "")
            params = nested(query)
            books.requests.append(Request(method, path, key, params))
            fault = next(
                (one for one in books.faults if one.times and re.fullmatch(one.path, f"{method} {path}")), None
            )
            if fault:
                fault.times -= 1
            kind = fault.kind if fault else ""
            if kind == "lose request":
                self.close_connection = True
                return
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                status, body = 401, RefusalError(401, "invalid_request_error").body
            elif kind == "busy":
                status, body = 500, RefusalError(500, "api_error").body
            else:
                status, body = books.answer(method, path, key, params)
            if kind in {"hang", "slow"}:
                stop.wait(fault.seconds or 30)
            if kind in {"hang", "lose answer"}:
                self.close_connection = True
                return
            self._send(status, body)

        def _send(self, status: int, body: Any) -> None:
            said = json.dumps(body).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    books.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield books
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
