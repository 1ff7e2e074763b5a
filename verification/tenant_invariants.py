"""Invariants of tenants: no row points into another lot or operator."""

from dataclasses import dataclass

from verification.proof import Invariant


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key that must stay inside the same lot (or, with `column`, the same level)."""

    table: str
    key: str
    to: str
    column: str = "lot_id"


LINKS = (
    Link("lots_spot", "level_id", "lots_level"),
    Link("lots_spot", "zone_id", "lots_zone", "level_id"),
    Link("lots_spotcount", "level_id", "lots_level"),
    Link("reservations_reservation", "spot_id", "lots_spot"),
    Link("reservations_reservation", "level_id", "lots_level"),
    Link("reservations_reservation", "tariff_id", "billing_tariff"),
    Link("reservations_reservation", "charge_id", "billing_charge"),
    Link("reservations_blackout", "level_id", "lots_level"),
    Link("tickets_ticket", "spot_id", "lots_spot"),
    Link("tickets_ticket", "level_id", "lots_level"),
    Link("tickets_ticket", "tariff_id", "billing_tariff"),
    Link("tickets_ticket", "charge_id", "billing_charge"),
    Link("tickets_ticket", "reservation_id", "reservations_reservation"),
    Link("devices_device", "gate_id", "lots_gate"),
    Link("gates_gateevent", "gate_id", "lots_gate"),
    Link("gates_gateevent", "device_id", "devices_device"),
    Link("gates_gateevent", "ticket_id", "tickets_ticket"),
)


def _crossing(link: Link) -> str:
    return f"""
    SELECT format('{link.table} %s has {link.column} %s, its {link.key} %s has %s', one.id, one.{link.column},
        other.id, other.{link.column})
    FROM {link.table} one JOIN {link.to} other ON other.id = one.{link.key}
    WHERE other.{link.column} <> one.{link.column}
    """  # noqa: S608 the names stand above


LINKS_STAY_IN_THE_LOT = Invariant(
    9,
    "links_stay_in_the_lot",
    "Every spot, stay, reservation, device and event belongs to the same lot as what it points to.",
    " UNION ALL ".join(_crossing(link) for link in LINKS),
)

MONEY_STAYS_WITH_THE_OPERATOR = Invariant(
    9,
    "money_stays_with_the_operator",
    "Debts and receipts belong to the operator of the lot where they arose.",
    """
    SELECT format('debt %s of operator %s, its charge is of operator %s', debt.id, debt.operator_id, lot.operator_id)
    FROM billing_debt debt
    JOIN billing_charge charge ON charge.id = debt.charge_id
    JOIN lots_lot lot ON lot.id = charge.lot_id
    WHERE debt.operator_id <> lot.operator_id
    UNION ALL
    SELECT format('receipt %s of operator %s, its charge is of operator %s', receipt.number, receipt.operator_id,
        lot.operator_id)
    FROM billing_document receipt
    JOIN billing_payment payment ON payment.receipt_id = receipt.id
    JOIN billing_charge charge ON charge.id = payment.charge_id
    JOIN lots_lot lot ON lot.id = charge.lot_id
    WHERE receipt.operator_id <> lot.operator_id
    """,
)

MEMBERS_HAVE_PROVEN_THEIR_ADDRESS = Invariant(
    9,
    "members_have_proven_their_address",
    "Every member of an operator has a verified email address, by an invitation or because a person set it up.",
    """
    SELECT format('%s is %s at operator %s and has verified no address', person.email, member.role, member.operator_id)
    FROM accounts_membership member JOIN accounts_user person ON person.id = member.user_id
    WHERE NOT EXISTS (SELECT FROM account_emailaddress address WHERE address.user_id = person.id AND address.verified)
    """,
)

LOTS_ARE_THE_OPERATORS_OWN = Invariant(
    9,
    "chosen_lots_are_the_operators_own",
    "Roles, invitations, keys and blocks that are for some lots name lots of their own operator.",
    " UNION ALL ".join(
        f"""
    SELECT format('{table} %s of operator %s names lot %s of operator %s', one.id, one.operator_id, lot.id,
        lot.operator_id)
    FROM {table} one JOIN lots_lot lot ON lot.id = ANY(one.lot_ids) WHERE lot.operator_id <> one.operator_id
    """  # noqa: S608 the names stand below
        for table in ("accounts_membership", "accounts_invitation", "accounts_apikey", "accounts_blockedplate")
    ),
)

INVARIANTS = (
    LINKS_STAY_IN_THE_LOT,
    MONEY_STAYS_WITH_THE_OPERATOR,
    MEMBERS_HAVE_PROVEN_THEIR_ADDRESS,
    LOTS_ARE_THE_OPERATORS_OWN,
)
