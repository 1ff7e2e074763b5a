"""Companies that applied to run their lots on the demo's installation: one waits, one was declined."""

from datetime import datetime, timedelta

from accounts.applications import ApplicationWish, confirm_application, decline_application, new_application
from accounts.models import User

_DAY = timedelta(days=1)
WAITING = ApplicationWish(
    company="Seeblick Parking AG",
    name="Dario Meier",
    email="dario@seeblick.example",
    country="CH",
    wishes="Two garages by the lake with 140 and 85 spots, cameras at both entries. We would like to begin in spring.",
    language="de",
)
DECLINED = ApplicationWish(
    company="Campo Grande",
    name="Elena Ortiz",
    email="elena@campo.example",
    country="ES",
    wishes="One field for festivals, open on twelve days of the year.",
    language="es",
)
ANSWER = "We only take lots that are open all year. Please ask again if that changes."


def apply_as_operators(admin: User, *, at: datetime) -> None:
    """Let one company apply yesterday, and another three weeks ago, which the admin declined the day after."""
    for wish, applied_at in ((WAITING, at - _DAY), (DECLINED, at - 21 * _DAY)):
        application = new_application(wish=wish, at=applied_at)
        if application is not None:
            confirm_application(application=application, at=applied_at + timedelta(minutes=4))
            if wish is DECLINED:
                decline_application(application=application, answer=ANSWER, by=admin, at=applied_at + _DAY)
