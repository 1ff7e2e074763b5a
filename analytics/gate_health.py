"""How gates are: when they last spoke, how much and how surely they read, and one sentence on what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analytics.findings import IS_SILENT, LAST_EVENT, USUAL_EVENTS
from analytics.sql import fetch
from common.web.templatetags.look import duration
from lots.models import Gate

# A plate that a person corrected counts at the gate by which its car came in.
_HEALTH = f"""
WITH fixed AS (
    SELECT event.gate_id, count(DISTINCT correction.ticket_id) AS stays
    FROM tickets_platecorrection correction
    JOIN gates_gateevent event ON event.ticket_id = correction.ticket_id AND event.kind = 'read'
    JOIN lots_gate gate ON gate.id = event.gate_id AND gate.direction = 'entry'
    WHERE correction.at BETWEEN %(at)s - interval '24 hours' AND %(at)s AND correction.by_id IS NOT NULL
        AND event.gate_id = ANY(%(gates)s::bigint[])
    GROUP BY event.gate_id
)
SELECT gate.id AS gate_id, last.at AS last_at, usual.events / 2.0 AS usual, coalesce({IS_SILENT}, false) AS is_silent,
    today.reads, today.this_hour, today.confidence, today.unsure, today.faults, today.skew,
    coalesce(fixed.stays, 0) AS corrected
FROM lots_gate gate
LEFT JOIN LATERAL ({LAST_EVENT}) last ON true
CROSS JOIN LATERAL ({USUAL_EVENTS}) usual
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE event.kind = 'read') AS reads,
        count(*) FILTER (WHERE event.at > %(at)s - interval '1 hour') AS this_hour,
        avg(event.confidence) FILTER (WHERE event.kind = 'read') AS confidence,
        count(*) FILTER (WHERE event.flags @> '["low_confidence"]') AS unsure,
        count(*) FILTER (WHERE event.kind = 'passage' AND event.action = 'fault') AS faults,
        (array_agg(event.skew_seconds ORDER BY event.at DESC)
            FILTER (WHERE event.device_id IS NOT NULL AND NOT event.offline))[1] AS skew
    FROM gates_gateevent event
    WHERE event.gate_id = gate.id AND event.at BETWEEN %(at)s - interval '24 hours' AND %(at)s) today
LEFT JOIN fixed ON fixed.gate_id = gate.id
WHERE gate.id = ANY(%(gates)s::bigint[])
"""  # noqa: S608 only our own text
ENOUGH_READS = 20
"""Shares of fewer reads say nothing."""
MANY_UNSURE = 10
MANY_CORRECTED = 5
"""Percent of the reads of a day above which a camera needs care."""


_WORDS = {
    "ok": gettext_lazy("Well"),
    "warn": gettext_lazy("Needs care"),
    "stop": gettext_lazy("Act now"),
    "": gettext_lazy("Off"),
}


class GateFigures(NamedTuple):
    """What is known of a gate: its events of 24 hours, those of this hour, and how many an hour are usual now.

    `confidence` is the mean of its reads, from 0 to 1; `skew` is how many seconds its device's clock is ahead.
    """

    gate_id: int
    last_at: datetime | None
    usual: float
    is_silent: bool
    reads: int
    this_hour: int
    confidence: float | None
    unsure: int
    faults: int
    skew: int | None
    corrected: int

    def percent(self, part: int) -> int:
        """Return a part of the day's reads in percent."""
        return round(100 * part / self.reads) if self.reads else 0


@dataclass(frozen=True, slots=True)
class GateHealth:
    """A gate's figures, and what they mean: the `tone` of its dot, and a sentence that says what to do."""

    figures: GateFigures
    tone: str
    said: str

    @property
    def word(self) -> str:
        """Return the word beside the dot."""
        return str(_WORDS[self.tone])

    @property
    def sure_percent(self) -> int | None:
        """Return how sure its reads of a day were."""
        return None if self.figures.confidence is None else round(100 * self.figures.confidence)

    @property
    def corrected_percent(self) -> int:
        """Return how many of a day's plates a person corrected."""
        return self.figures.percent(self.figures.corrected)

    @property
    def usual_reads(self) -> int:
        """Return how many events an hour are usual at this time."""
        return round(self.figures.usual)


def health_of(gates: Sequence[Gate], *, without_key: set[int], at: datetime) -> dict[int, GateHealth]:
    """Return how some gates are, by their keys; those in `without_key` have no device that works. One statement."""
    rows = fetch(_HEALTH, {"gates": [gate.pk for gate in gates], "at": at})
    figures = {row.gate_id: GateFigures(*row) for row in rows}
    return {
        gate.pk: GateHealth(figures[gate.pk], *_judged(gate, figures[gate.pk], at, has_key=gate.pk not in without_key))
        for gate in gates
        if gate.pk in figures
    }


def _judged(gate: Gate, known: GateFigures, at: datetime, *, has_key: bool) -> tuple[str, str]:
    """Return the tone and sentence of the first thing that is wrong."""
    if gate.held_open_since is not None:
        since = duration(at - gate.held_open_since)
        return "stop", _("Held open for %(time)s. End the hold when its reason is gone.") % {"time": since}
    if gate.is_closed:
        return "", _("Out of service.")
    if not has_key:
        return "warn", _("No device has a key. Issue one and enter it in the camera.")
    if known.last_at is None:
        return "warn", _("Nothing has arrived yet. Check the key and the network of its device.")
    if known.is_silent:
        words = {"time": duration(at - known.last_at)}
        return "stop", _("Silent for %(time)s. Check its power and network, and count the cars inside.") % words
    return _judged_by_reads(known)


def _judged_by_reads(known: GateFigures) -> tuple[str, str]:
    if known.skew:
        words = {"time": duration(max(1, abs(known.skew) // 60))}
        if known.skew > 0:
            return "warn", _("Its clock is %(time)s ahead. Set the time server of its device.") % words
        return "warn", _("Its clock is %(time)s behind. Set the time server of its device.") % words
    if known.faults:
        said = ngettext(
            "%(faults)s fault of its barrier in 24 hours. Look at the barrier.",
            "%(faults)s faults of its barrier in 24 hours. Look at the barrier.",
            known.faults,
        )
        return "warn", said % {"faults": known.faults}
    unsure, corrected = known.percent(known.unsure), known.percent(known.corrected)
    if known.reads >= ENOUGH_READS and unsure >= MANY_UNSURE:
        return "warn", _("%(percent)s %% of its plates are read unsurely. Clean and aim the camera.") % {
            "percent": unsure
        }
    if known.reads >= ENOUGH_READS and corrected >= MANY_CORRECTED:
        said = _("People corrected %(percent)s %% of its plates. Clean and aim the camera.")
        return "warn", said % {"percent": corrected}
    return "ok", _("Works as usual.")
