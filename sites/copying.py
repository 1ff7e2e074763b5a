"""Copies a lot with its levels, zones, spots, gates and the prices in force: no keys, no stays, not public."""

import datetime as dt
import json

from django.db import transaction

from billing.tariffs import tariff_on
from gates.starting import free_slug
from lots.calendar import local_day
from lots.models import Lot
from sites.exporting import site_document, tariff_document
from sites.importing import import_site
from sites.reading import read_site

LONGEST_CODE = 60


@transaction.atomic
def copy_lot(*, lot: Lot, name: str, at: dt.datetime) -> Lot:
    """Make a lot like this one under another name, and return it. Raises SiteFileError."""
    slug, today = free_slug(name), local_day(lot, at)
    document = site_document(lot)
    (copied,) = document["lots"]
    tariff = tariff_on(lot, today)
    in_force = {"valid_from": today.isoformat(), "valid_until": None}
    copied |= {
        "slug": slug,
        "name": name,
        "published": False,
        "gates": [gate | {"code": _code(gate["code"], lot.slug, slug)} for gate in copied["gates"]],
        "tariffs": [tariff_document(tariff) | in_force] if tariff else [],
    }
    import_site(read_site(json.dumps(document)), at=at)
    return Lot.objects.get(slug=slug)


def _code(code: str, was: str, slug: str) -> str:
    """Return the code of a copied gate: that of the first with the lot's short name in it exchanged or put before."""
    rest = code.removeprefix(f"{was}-")
    return f"{slug}-{rest}"[:LONGEST_CODE]
