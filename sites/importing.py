"""Imports a site file in one transaction."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Operator
from accounts.services import change_operator, create_operator
from common.db.constraints import constraint_of
from common.errors import DomainError, FieldError
from lots.models import Lot
from lots.services import create_lot, lock_lot, update_lot
from sites.conflicts import conflicts
from sites.errors import SiteFileError
from sites.gate_sync import sync_gates
from sites.place_sync import sync_places
from sites.report import Report, changes_between
from sites.shapes import LotSpec, SiteFile
from sites.tariff_sync import sync_tariffs


def import_site(site: SiteFile, *, at: dt.datetime, dry_run: bool = False) -> Report:
    """Apply a site file and return what changed. Idempotent.

    A dry run rolls everything back, so it finds what a real run finds and holds the same locks.
    Raises SiteFileError, with nothing changed, when the file conflicts with the database.
    """
    report = Report()
    try:
        with transaction.atomic():
            operator = _sync_operator(site, report)
            lots = {lot.slug: lot for lot in _locked_lots(site)}
            problems = conflicts(site, operator, lots)
            if problems:
                raise SiteFileError(_("The site file conflicts with what is stored."), errors=problems)
            for spec in site.lots:
                _sync_lot(operator, spec, lots.get(spec.slug), report, at)
            transaction.set_rollback(dry_run)
    except IntegrityError as error:
        raise SiteFileError(
            _("Something changed at the same time (%(constraint)s). Nothing was imported; try again.")
            % {"constraint": constraint_of(error)}
        ) from error
    return report


def _sync_operator(site: SiteFile, report: Report) -> Operator:
    """Create or update the operator and lock its row, so that its imports run one at a time."""
    operator = Operator.objects.select_for_update().filter(slug=site.slug).first()
    if operator is None:
        report.made(f"operator {site.slug}")
        return create_operator(slug=site.slug, values=site.values)
    changes = changes_between(operator, site.values)
    if changes:
        change_operator(operator=operator, values={name: value for name, (_, value) in changes.items()})
        report.changed(f"operator {site.slug}", changes)
    return operator


def _locked_lots(site: SiteFile) -> list[Lot]:
    lots = list(Lot.objects.filter(slug__in=[spec.slug for spec in site.lots]).order_by("pk"))
    for lot in lots:
        lock_lot(lot.pk)
    return lots


def _sync_lot(operator: Operator, spec: LotSpec, lot: Lot | None, report: Report, at: dt.datetime) -> None:
    try:
        if lot is None:
            lot = create_lot(operator=operator, values={"slug": spec.slug, **spec.values}, at=at)
            lock_lot(lot.pk)
            report.made(f'lot {lot.slug} "{lot.name}"')
        else:
            report.changed(f"lot {lot.slug}", changes_between(lot, spec.values))
            lot = update_lot(lot=lot, values=spec.values)
        if spec.levels is not None:
            sync_places(lot, spec.levels, report)
        if spec.gates is not None:
            sync_gates(lot, spec.gates, report)
        if spec.tariffs is not None:
            sync_tariffs(lot, spec.tariffs, report, at)
    except SiteFileError:
        raise
    except DomainError as error:
        places = [FieldError(f"{spec.path}.{one.path}", one.message) for one in error.errors]
        raise SiteFileError(error.message, errors=places or [FieldError(spec.path, error.message)]) from error
