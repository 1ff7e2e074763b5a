"""Syncs a lot's current tariffs with the file."""

import datetime as dt
from collections.abc import Sequence

from billing.models import Tariff
from billing.services.tariffs import TariffValues, create_tariff, revise_tariff, same_rules, withdraw_tariff
from lots.models import Lot
from sites.report import Report
from sites.shapes import TariffSpec


def sync_tariffs(lot: Lot, specs: Sequence[TariffSpec], report: Report, at: dt.datetime) -> None:
    """Add, revise and withdraw tariffs. A tariff is identified by its first day, which is unique in a lot.

    Withdrawals come first, then changed validities, so that no two tariffs overlap in between.
    """
    known = {tariff.valid_from: tariff for tariff in Tariff.objects.filter(lot=lot).current()}
    wanted = {spec.valid_from: spec for spec in specs}
    for first_day in known.keys() - wanted.keys():
        _withdraw(known[first_day], report, at)
    for first_day in sorted(wanted, key=lambda day: (day not in known, day)):
        _put_in_force(lot, wanted[first_day], known.get(first_day), report, at)


def _put_in_force(lot: Lot, spec: TariffSpec, tariff: Tariff | None, report: Report, at: dt.datetime) -> None:
    values = TariffValues(spec.name, spec.valid_from, spec.valid_until, spec.rules)
    if tariff is None:
        create_tariff(lot=lot, values=values, at=at)
        report.made(f"tariff {_said(lot, spec)}")
        return
    changes = {
        name: (getattr(tariff, name), getattr(spec, name))
        for name in ("name", "valid_until")
        if getattr(tariff, name) != getattr(spec, name)
    }
    is_new = not same_rules(tariff, spec.rules)
    revised = revise_tariff(tariff=tariff, values=values, at=at)
    report.changed(f"tariff {_said(lot, spec)}", changes)
    if is_new:
        said = f"tariff {_said(lot, spec)}"
        new = f"revision {revised.revision}" if revised.pk != tariff.pk else "in place, as no stay uses it"
        report.lines.append(f"~ {said}: new rules ({new})")


def _withdraw(tariff: Tariff, report: Report, at: dt.datetime) -> None:
    said = f'"{tariff.name}" of {tariff.lot.slug} from {tariff.valid_from}'
    if withdraw_tariff(tariff=tariff, at=at):
        report.removed(f"tariff {said}")
    else:
        report.lines.append(f"~ tariff {said}: withdrawn for new stays")
        report.keep(f"tariff {said} still prices the stays that began with it")


def _said(lot: Lot, spec: TariffSpec) -> str:
    return f'"{spec.name}" of {lot.slug} from {spec.valid_from}'
