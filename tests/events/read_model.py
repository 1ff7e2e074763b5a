"""A receiver's own copy of what is inside, kept from events alone."""

from typing import Any

from lots.models import Lot, Spot, SpotStatus
from tickets.models import Ticket


class ReadModel:
    """What a receiver knows after the events that it got; one that comes twice changes nothing."""

    def __init__(self) -> None:
        self.stays: dict[str, tuple[Any, ...]] = {}
        self.occupied: set[str] = set()
        self.paid: dict[int, int] = {}
        self.refunds: dict[int, int] = {}
        self.full: set[str] = set()

    def take(self, kind: str, subject: str, data: dict[str, Any]) -> None:
        topic, _, happened = kind.partition(".")
        if topic == "stay" and happened == "closed":
            self.stays.pop(subject, None)
        elif topic == "stay":
            self.stays[subject] = (data["plate"], data["spot"], data["level"], data["status"] == "paid")
        elif topic == "spot":
            (self.occupied.add if happened == "occupied" else self.occupied.discard)(subject)
        elif kind == "payment.captured":
            self.paid[data["id"]] = data["captured"]
        elif kind == "payment.refunded":
            self.refunds[data["refund"]] = data["amount"]
        elif topic == "lot":
            (self.full.add if happened == "full" else self.full.discard)(subject)


def database_of(lot: Lot) -> dict[str, Any]:
    """What the database says of a lot, in the form of a read model."""
    from billing.models import Payment, Refund

    stays = Ticket.objects.filter(lot=lot).open().select_related("spot", "level")
    return {
        "stays": {
            f"stay:{one.number}": (
                one.plate,
                one.spot.number if one.spot else None,
                one.level.number if one.level else None,
                one.status == "paid",
            )
            for one in stays
        },
        "occupied": {
            f"spot:{lot.slug}/{number}"
            for number in Spot.objects.filter(lot=lot, status=SpotStatus.OCCUPIED).values_list("number", flat=True)
        },
        "paid": dict(Payment.objects.filter(charge__lot=lot, state="captured").values_list("pk", "captured_amount")),
        "refunds": dict(Refund.objects.filter(payment__charge__lot=lot).values_list("pk", "amount")),
    }
