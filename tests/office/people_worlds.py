"""Rows of the lists of people, of plates and of passes, and in plain words which of them a filter asks for."""

import datetime as dt
import uuid

from allauth.mfa.models import Authenticator
from hypothesis import strategies as st

from accounts.models import BlockedPlate, Membership, Permit, User
from common.plates import normalise, skeleton
from gates.models import GateEvent
from lots.calendar import local_day
from office.passes.pass_list import PASSES
from office.people.block_list import BLOCKS
from office.people.member_list import MEMBERS
from office.people.permit_list import PERMITS
from passes.models import Pass, PassPlate
from passes.pass_codes import new_pass_code
from tests.office.list_worlds import DAY, DAYS, LOTS, NOW, PARTS, World, at_lot, on_days


def part_of_plate(row, text) -> bool:
    """Whether a text is a part of a row's plate; nothing is for a text that is no plate."""
    plate = normalise(text) if text else ""
    return plate is not None and plate in row.plate_normalised


class OperatorWorld(World):
    """A list of what belongs to an operator as a whole: its days are those of the first lot that is shown."""

    def zone(self, asked):
        return self.lots[1 if asked.get("lot") == "list-1" else 0].timezone

    @property
    def today(self):
        """The day that is over at neither lot."""
        return min(local_day(lot, dt.datetime.now(dt.UTC)) for lot in self.lots)

    def some_lots(self, number):
        first, second = (lot.pk for lot in self.lots)
        # The first row names a lot, as one that does costs a statement.
        return self.random.choice([None, [first], [second], [first, second]]) if number else [first]

    def holds_at(self, row, asked) -> bool:
        keys = {lot.slug: lot.pk for lot in self.lots}
        return not asked.get("lot") or row.lot_ids is None or keys[asked["lot"]] in row.lot_ids


class MembersWorld(OperatorWorld):
    listing, model = MEMBERS, Membership
    asked = {
        "q": st.sampled_from(["keller", "URS", "bern", "1@", "?"]),
        "role": st.sampled_from(["admin", "attendant", "guard"]),
        "lot": LOTS,
        "factor": st.sampled_from(["on", "off"]),
        "from": DAYS,
        "to": DAYS,
    }

    def made(self, number):
        name = self.random.choice(["", "Anna Keller", "Urs Frei"])
        user = User.objects.create(email=f"member-{number}@bern.example", name=name)
        if self.random.random() < 0.5:
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
        return Membership(
            user=user,
            operator=self.operator,
            role=self.random.choice(["admin", "attendant", "guard"]),
            lot_ids=self.some_lots(number),
            since=self.moment(number),
        )

    def stored(self):
        return list(Membership.objects.select_related("user"))

    def fits(self, row, asked):
        text = asked.get("q", "").lower()
        has_factor = Authenticator.objects.filter(user=row.user).exists()
        return (
            (text in row.user.name.lower() or text in row.user.email)
            and asked.get("role", row.role) == row.role
            and self.holds_at(row, asked)
            and (not asked.get("factor") or has_factor == (asked["factor"] == "on"))
            and on_days(row.since, self.zone(asked), asked)
        )


class BlocksWorld(OperatorWorld):
    listing, model = BLOCKS, BlockedPlate
    asked = {
        "q": PARTS,
        "state": st.sampled_from(["holds", "over", "lifted"]),
        "kind": st.sampled_from(["person", "debts"]),
        "lot": LOTS,
        "from": DAYS,
        "to": DAYS,
        "tried": st.just("on"),
    }

    def made(self, number):
        at, for_debts = self.moment(number), number > 0 and self.random.random() < 0.3
        last_day = self.random.choice([None, self.today - DAY, self.today + DAY])
        if self.random.random() < 0.5:
            self.turn_away(number, at + DAY)
        return BlockedPlate(
            operator=self.operator,
            plate=self.plate(number),
            plate_normalised=normalise(self.plate(number)),
            reason="made for a test",
            blocked_at=at,
            for_debts=for_debts,
            last_day=None if for_debts else last_day,
            lot_ids=None if for_debts else self.some_lots(number),
            lifted_at=self.random.choice([None, None, None, None, at + 2 * DAY]),
        )

    def turn_away(self, number, at):
        place = self.random.randrange(2)
        GateEvent.objects.create(
            lot=self.lots[place],
            gate=self.gates[place],
            device=self.devices[place],
            event_id=uuid.UUID(int=number + 1),
            body_hash=b"",
            captured_at=at,
            at=at,
            received_at=at,
            plate=self.plate(number),
            plate_normalised=normalise(self.plate(number)),
            action="deny",
            reason="blocked",
            answer={},
        )

    def fits(self, row, asked):
        is_over = row.last_day is not None and row.last_day < self.today
        has_tried = GateEvent.objects.filter(plate_normalised=row.plate_normalised).exists()
        state = asked.get("state")
        return (
            part_of_plate(row, asked.get("q"))
            and (row.lifted_at is None) == (state != "lifted")
            and (state not in {"holds", "over"} or is_over == (state == "over"))
            and (not asked.get("kind") or row.for_debts == (asked["kind"] == "debts"))
            and self.holds_at(row, asked)
            and (not asked.get("tried") or has_tried)
            and on_days(row.blocked_at, self.zone(asked), asked)
        )


class PermitsWorld(OperatorWorld):
    listing, model = PERMITS, Permit
    asked = {
        "q": st.one_of(PARTS, st.sampled_from(["N-1", "n-3"])),
        "kind": st.sampled_from(["accessible", "resident", "staff"]),
        "state": st.sampled_from(["valid", "over", "later"]),
        "from": DAYS,
        "to": DAYS,
    }

    def made(self, number):
        first = self.random.choice([self.moment(number).date(), self.today - 9 * DAY, self.today + 9 * DAY])
        return Permit(
            operator=self.operator,
            kind=self.random.choice(["accessible", "resident", "staff"]),
            plate=self.plate(number),
            plate_normalised=normalise(self.plate(number)),
            number=self.random.choice(["", f"N-{number}"]),
            valid_from=first,
            valid_until=self.random.choice([None, first, first + 5 * DAY, first + 60 * DAY]),
        )

    def fits(self, row, asked):
        text, last = asked.get("q", ""), row.valid_until or dt.date.max
        states = {
            "valid": row.valid_from <= self.today <= last,
            "over": last < self.today,
            "later": row.valid_from > self.today,
        }
        return (
            (not text or part_of_plate(row, text) or text.lower() in row.number.lower())
            and asked.get("kind", row.kind) == row.kind
            and states.get(asked.get("state", ""), True)
            and last.isoformat() >= asked.get("from", "")
            and row.valid_from.isoformat() <= asked.get("to", "9999")
        )


class PassesWorld(World):
    listing, model = PASSES, Pass
    asked = {
        "q": st.sampled_from(["1", "ZH 10", "anna", "BERN", "ZH 1037", "?"]),
        "status": st.sampled_from(["active", "draft", "expired"]),
        "kind": st.sampled_from(["month", "season"]),
        "lot": LOTS,
        "until": DAYS,
    }

    def add(self, rows, first=0):
        for number in range(first, first + rows):
            lot, at = self.any_lot(), self.moment(number)
            held = Pass.objects.create(
                code=new_pass_code(self.random.randrange),
                name=self.random.choice(["Month", "Fleet"]),
                kind=self.random.choice(["month", "season"]),
                price_amount=12000,
                period_months=1,
                lot=lot,
                holder_name=self.random.choice(["", "Anna Keller"]),
                email=self.random.choice(["anna@example.com", "urs@bern.example"]),
                status=self.random.choice(["active", "draft", "expired"]),
                valid_from=dt.date(2026, 2, 1),
                valid_until=at.date(),
                created_at=at,
            )
            held.lots.add(lot)
            plate = normalise(self.plate(number))
            named = {"plate": self.plate(number), "plate_normalised": plate, "plate_skeleton": skeleton(plate)}
            PassPlate.objects.create(held_pass=held, operator=self.operator, added_at=NOW, **named)

    def key(self, row):
        return row.held.pk

    def fits(self, row, asked):
        text = asked.get("q", "")
        on_plate = any(skeleton(normalise(text) or "-") in one.plate_skeleton for one in row.plates.all())
        return (
            (not text or on_plate or text.lower() in row.holder_name.lower() or text.lower() in row.email)
            and asked.get("status", row.status) == row.status
            and asked.get("kind", row.kind) == row.kind
            and at_lot(row.lot, asked)
            and row.valid_until.isoformat() <= asked.get("until", "9999")
        )


PEOPLE_WORLDS = [MembersWorld, BlocksWorld, PermitsWorld, PassesWorld]
