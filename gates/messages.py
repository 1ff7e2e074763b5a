"""What a lane's display says: short, plain, and what to do next."""

from dataclasses import dataclass

from gates.decision import Action, Concern, Decision, Direction, OpenTicket, Reason

_ENTRY = {
    (Action.OPEN, Reason.OK): "Welcome.",
    (Action.OPEN, Reason.RESERVATION): "Welcome. Your booking is ready.",
    (Action.OPEN, Reason.PASS): "Welcome. Your pass is valid.",
    (Action.OPEN, Reason.REENTRY): "Welcome back.",
    (Action.DENY, Reason.FULL): "Sorry, we are full.",
    (Action.DENY, Reason.CLOSED): "Sorry, we are closed.",
    (Action.DENY, Reason.BLOCKED): "No entry for this car. Please call an attendant.",
    (Action.ATTEND, Reason.FULL): "Your booked spot is taken. Please wait, an attendant is coming.",
    (Action.ATTEND, Reason.LOW_CONFIDENCE): "Plate not readable. Please wait for an attendant.",
    (Action.ATTEND, Reason.PASSBACK): "This car is already inside. Please wait for an attendant.",
}
_EXIT = {
    (Action.OPEN, Reason.GRACE): "Nothing to pay. Goodbye.",
    (Action.OPEN, Reason.PAID): "Paid, thank you. Goodbye.",
    (Action.OPEN, Reason.PASS): "Thank you. Goodbye.",
    (Action.OPEN, Reason.RESERVATION): "Thank you for your booking. Goodbye.",
    (Action.OPEN, Reason.CHARGED): "Paid automatically, thank you. Goodbye.",
    (Action.OPEN, Reason.WAIVED): "Nothing to pay. Goodbye.",
    (Action.OPEN, Reason.OWED): "Please drive on. The fee is still owed.",
    (Action.OPEN, Reason.UNATTENDED): "Please drive on. Goodbye.",
    (Action.ATTEND, Reason.NO_TICKET): "No stay found. Please scan your ticket or wait for an attendant.",
    (Action.ATTEND, Reason.AMBIGUOUS): "Please scan your ticket or wait for an attendant.",
    (Action.ATTEND, Reason.OWED): "Payment failed. Please wait, an attendant is coming.",
}
_OTHERWISE = {
    Action.OPEN: "Please drive on.",
    Action.DENY: "No entry.",
    Action.PAY: "Please pay.",
    Action.ATTEND: "Please wait for an attendant.",
    Action.ERROR: "Please wait.",
}
_FLOORS = {"ground", "first", "second", "third", "fourth", "fifth", "top", "upper", "lower"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneWords:
    """The names a message may mention: the given place, the formatted fee, when a closed lot opens (local time)."""

    spot: str | None = None
    level: str | None = None
    fee: str | None = None
    opens: str | None = None


def lane_message(decision: Decision, direction: Direction, words: LaneWords = LaneWords()) -> str:
    """Return what the display says for a decision, in at most a few short sentences.

    The fee is left out where the decision says it may not be shown.
    """
    if decision.action is Action.PAY:
        return _pay(decision, words.fee)
    texts = _ENTRY if direction is Direction.ENTRY else _EXIT
    sentences = [texts.get((decision.action, decision.reason), _OTHERWISE[decision.action])]
    if direction is Direction.ENTRY and decision.action is Action.OPEN:
        sentences += _where(decision, words)
    if decision.reason is Reason.CLOSED and words.opens:
        sentences.append(f"We open at {words.opens}.")
    return " ".join(sentences)


def _pay(decision: Decision, fee: str | None) -> str:
    if not decision.show_fee:
        return "Please scan your ticket to see the fee and pay."
    if decision.ask_again:
        return "Payment declined. Please try again" + (f": {fee}." if fee else ".")
    return f"Please pay {fee}." if fee else "Please pay."


def _where(decision: Decision, words: LaneWords) -> list[str]:
    numbered = any(isinstance(effect, OpenTicket) and effect.plate is None for effect in decision.effects)
    numbered = numbered or Concern.LOW_CONFIDENCE in decision.concerns
    sentences = ["Please take your ticket."] if numbered else []
    if words.spot:
        floor = f", {_floor(words.level)}" if words.level else ""
        sentences.append(f"Spot {words.spot}{floor}.")
    elif Concern.NO_SPOT in decision.concerns:
        sentences.append("Please ask an attendant for a space.")
    return sentences


def _floor(level: str) -> str:
    """Write a level's name inside a sentence: `Ground` is "ground floor", `Level 2` "level 2", `P2` stays."""
    if level.lower() in _FLOORS:
        return f"{level.lower()} floor"
    return level if any(character.isupper() or character.isdigit() for character in level[1:2]) else level.lower()
