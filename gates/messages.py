"""What a lane's display says: short, plain, and what to do next; `common.translation` puts it into a language."""

from dataclasses import dataclass

from common.words import Name, Text, joined
from common.words import text as _
from gates.decision import Action, Concern, Decision, Direction, OpenTicket, Reason

_ENTRY = {
    (Action.OPEN, Reason.OK): _("Welcome."),
    (Action.OPEN, Reason.RESERVATION): _("Welcome. Your booking is ready."),
    (Action.OPEN, Reason.PASS): _("Welcome. Your pass is valid."),
    (Action.OPEN, Reason.REENTRY): _("Welcome back."),
    (Action.DENY, Reason.FULL): _("Sorry, we are full."),
    (Action.DENY, Reason.POOL_FULL): _("All spaces of your pass are taken."),
    (Action.DENY, Reason.CLOSED): _("Sorry, we are closed."),
    (Action.DENY, Reason.BLOCKED): _("No entry for this car. Please call an attendant."),
    (Action.ATTEND, Reason.PREPAY): _("Only with a prepaid booking. Please book, or wait for an attendant."),
    (Action.ATTEND, Reason.FULL): _("Your booked spot is taken. Please wait, an attendant is coming."),
    (Action.ATTEND, Reason.LOW_CONFIDENCE): _("Plate not readable. Please wait for an attendant."),
    (Action.ATTEND, Reason.AMBIGUOUS): _("This plate is inside more than once. Please wait for an attendant."),
    (Action.ATTEND, Reason.PASSBACK): _("This car is already inside. Please wait for an attendant."),
}
_EXIT = {
    (Action.OPEN, Reason.GRACE): _("Nothing to pay. Goodbye."),
    (Action.OPEN, Reason.PAID): _("Paid, thank you. Goodbye."),
    (Action.OPEN, Reason.PASS): _("Thank you. Goodbye."),
    (Action.OPEN, Reason.RESERVATION): _("Thank you for your booking. Goodbye."),
    (Action.OPEN, Reason.CHARGED): _("Paid automatically, thank you. Goodbye."),
    (Action.OPEN, Reason.WAIVED): _("Nothing to pay. Goodbye."),
    (Action.OPEN, Reason.OWED): _("Please drive on. The fee is still owed."),
    (Action.OPEN, Reason.HELD_OPEN): _("The gate is open. Please drive on."),
    (Action.OPEN, Reason.UNATTENDED): _("Please drive on. Goodbye."),
    (Action.ATTEND, Reason.NO_TICKET): _("No stay found. Please scan your ticket or wait for an attendant."),
    (Action.ATTEND, Reason.AMBIGUOUS): _("Please scan your ticket or wait for an attendant."),
    (Action.ATTEND, Reason.PASSBACK): _("This ticket is leaving by another lane. Please wait for an attendant."),
    (Action.ATTEND, Reason.OWED): _("This fee can't be paid here. Please wait, an attendant is coming."),
}
_OTHERWISE = {
    Action.OPEN: _("Please drive on."),
    Action.DENY: _("No entry."),
    Action.PAY: _("Please pay."),
    Action.ATTEND: _("Please wait for an attendant."),
    Action.ERROR: _("Please wait."),
}
_FLOORS = {
    "ground": _("ground floor"),
    "first": _("first floor"),
    "second": _("second floor"),
    "third": _("third floor"),
    "fourth": _("fourth floor"),
    "fifth": _("fifth floor"),
    "top": _("top floor"),
    "upper": _("upper floor"),
    "lower": _("lower floor"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneWords:
    """The names a message may mention: the given place, the formatted fee, when a closed lot opens (local time)."""

    spot: str | None = None
    level: str | None = None
    fee: str | None = None
    opens: str | None = None


def lane_message(decision: Decision, direction: Direction, words: LaneWords = LaneWords()) -> Text:
    """Return what the display says for a decision, in at most a few short sentences.

    The fee is left out where the decision forbids to show it.
    """
    if decision.action is Action.PAY:
        return _pay(decision, words.fee)
    texts = _ENTRY if direction is Direction.ENTRY else _EXIT
    sentences = [texts.get((decision.action, decision.reason), _OTHERWISE[decision.action])]
    if direction is Direction.ENTRY and decision.action is Action.OPEN:
        sentences += _where(decision, words)
    if decision.reason is Reason.CLOSED and words.opens:
        sentences.append(_("We open at %(clock)s.", clock=words.opens))
    return joined(sentences)


def _pay(decision: Decision, fee: str | None) -> Text:
    if not decision.show_fee:
        return _("Please scan your ticket to see the fee and pay.")
    if decision.ask_again:
        again = _("Payment declined. Please try again.")
        return _("Payment declined. Please try again: %(fee)s.", fee=fee) if fee else again
    return _("Please pay %(fee)s.", fee=fee) if fee else _("Please pay.")


def _where(decision: Decision, words: LaneWords) -> list[Text]:
    numbered = any(isinstance(effect, OpenTicket) and effect.plate is None for effect in decision.effects)
    numbered = numbered or Concern.LOW_CONFIDENCE in decision.concerns
    sentences = [_("Please take your ticket.")] if numbered else []
    if words.spot:
        level = _floor(words.level) if words.level else ""
        place = _("Spot %(spot)s, %(level)s.", spot=words.spot, level=level)
        sentences.append(place if level else _("Spot %(spot)s.", spot=words.spot))
    elif Concern.NO_SPOT in decision.concerns:
        sentences.append(_("Please ask an attendant for a space."))
    return sentences


def _floor(level: str) -> str:
    """Return a level's name inside a sentence: `Ground` is "ground floor", `Level 2` "level 2", `P2` stays."""
    if level.lower() in _FLOORS:
        return _FLOORS[level.lower()]
    return level if any(character.isupper() or character.isdigit() for character in level[1:2]) else Name(level)
