"""A site file for tests: the documented example, changed a little by each."""

import copy
import json
from typing import Any

EXAMPLE: dict[str, Any] = json.loads("""
{"operator": {"slug": "acme", "name": "Acme Parking", "currency": "CHF"},
 "lots": [{
   "slug": "central", "name": "Central Garage", "address": "1 Main St", "postal_code": "8001", "city": "Zürich",
   "latitude": 47.3769, "longitude": 8.5417, "timezone": "Europe/Zurich", "currency": "CHF",
   "holidays": {"country": "CH", "subdivision": "ZH", "extra": ["2026-04-20"]},
   "opening_hours": {"mon-fri": "06:00-24:00", "sat": "08:00-22:00", "sun,holiday": "closed"},
   "tracking": "spots", "allocation": "nearest_entrance", "hold_minutes": 30, "dedupe_seconds": 30,
   "low_confidence": "ticket", "amenities": ["lift", "toilet", "cctv"], "max_height_cm": 200,
   "levels": [{"number": 0, "name": "Ground", "zones": [
      {"name": "A", "spot_type": "regular", "count": 50, "prefix": "A-", "start": 1, "distance": 20,
       "elevator_distance": 35},
      {"name": "EV", "spot_type": "ev", "count": 4, "prefix": "EV-"}]}],
   "gates": [{"code": "central-in-1", "direction": "entry", "level": 0, "confirms_passage": false},
             {"code": "central-out-1", "direction": "exit", "level": 0}],
   "tariffs": [{
      "name": "Standard", "valid_from": "2020-01-01", "valid_until": null,
      "grace_minutes": 10, "free_minutes": 0, "exit_grace_minutes": 15, "minimum_charge": 0, "lost_ticket_fee": 4000,
      "tax_percent": "8.1", "tax_included": true, "day_starts_at": "entry",
      "plans": [{"name": "Week", "priority": 0, "days": ["mon","tue","wed","thu","fri"], "entry_from": "00:00",
                 "entry_to": "24:00", "spot_types": [], "max_price": 2500,
                 "bands": [{"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                           {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60}],
                 "caps": [{"days": [], "from": "19:00", "to": "07:00", "price": 800}]},
                {"name": "Weekend", "days": ["sat","sun","holiday"], "max_price": 1500,
                 "steps": [{"up_to_minutes": 60, "price": 300}, {"up_to_minutes": 180, "price": 700}],
                 "steps_beyond": {"each_minutes": 60, "price": 200}}],
      "caps": [], "block_caps": [{"periods": 7, "price": 12000}],
      "packages": [{"name": "Early bird", "days": ["mon","tue","wed","thu","fri"], "entry_from": "06:00",
                    "entry_to": "09:00", "exit_from": "15:30", "exit_to": "19:00", "max_hours": 14, "price": 1600}]}]}]}
""")

HOURLY = {"plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]}]}


def example() -> dict[str, Any]:
    return copy.deepcopy(EXAMPLE)


def small(slug: str = "small", **fields: Any) -> dict[str, Any]:
    """A lot with the least that a site file must say."""
    return {"slug": slug, "name": slug.title(), "timezone": "UTC"} | fields


def site_of(*lots: dict[str, Any], operator: str = "acme") -> dict[str, Any]:
    return {"operator": {"slug": operator, "name": "Acme", "currency": "CHF"}, "lots": list(lots)}
