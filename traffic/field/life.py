"""The life of one car of the field, as the day runs it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from traffic.client import NoAnswerError
from traffic.field import frauds, honest
from traffic.field.driven import Driven, Steps
from traffic.field.scenario import Ploy

LIVES: dict[Ploy, Callable[[Driven], Steps[None]]] = {
    Ploy.DROPS_OFF: honest.drops_off,
    Ploy.PARKS: honest.parks,
    Ploy.LATE_RECORDS: honest.parks_offline,
    Ploy.STRANGERS_TICKET: frauds.strangers_ticket,
    Ploy.TURNS_BACK: frauds.turns_back,
    Ploy.FRESH_GRACE: frauds.fresh_grace,
    Ploy.SECOND_ENTRY: frauds.second_entry,
    Ploy.CONVOY: frauds.convoy,
    Ploy.ONE_TICKET: frauds.one_ticket,
    Ploy.CLOCK_SKIP: frauds.clock_skip,
    Ploy.FUTURE_RECORD: frauds.future_record,
    Ploy.PAST_RECORD: frauds.past_record,
    Ploy.OLD_RECORD: frauds.old_record,
    Ploy.FOLLOWER: frauds.follower,
    Ploy.WAITS_OUT: frauds.waits_out,
    Ploy.BACKS_OUT: frauds.backs_out,
    Ploy.TAILGATER: frauds.tailgater,
}


@dataclass(frozen=True, slots=True)
class FieldLife:
    """A car that lives by its ploy; `ended` is called at its end."""

    car: Driven
    ended: Callable[[], object]

    @property
    def arrives(self) -> timedelta:
        """When it comes, from the start of the run."""
        return self.car.plan.arrives

    def steps(self, _speed: float | None) -> Iterator[timedelta]:
        """Live; a request that fails ends the life as a problem of the car."""
        try:
            yield from LIVES[self.car.plan.ploy](self.car)
        except NoAnswerError as error:
            self.car.problems.append(str(error))
            self.car.refused = True
        finally:
            self.ended()
