"""What the filters of the lists of people and plates share."""

from typing import Any

from django.db.models import Q

from analytics.scope import Scope
from office.list_filters import LotsFilter
from office.stays_sought import plate_or_none


class PeopleFilter(LotsFilter):
    """A filter beside a form that adds to its list: their controls may have the same names."""

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data, scope)
        self.auto_id = "sought_%s"


def at_chosen_lot(scope: Scope) -> Q:
    """Match the rows with `lot_ids`, empty for all lots of their operator, that hold at the scope's chosen lot."""
    if scope.chosen is None:
        return Q()
    limited = Q(lot_ids__isnull=True) | Q(lot_ids__contains=[scope.chosen.pk])
    return Q(operator=scope.chosen.operator_id) & limited


def plates_with(text: str) -> Q:
    """Match the rows whose plate has a text as a part."""
    plate = plate_or_none(text)
    return Q(plate_normalised__contains=plate) if plate else Q(pk=None)
