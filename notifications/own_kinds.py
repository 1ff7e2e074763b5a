"""The kinds of messages that belong to no room above: account mail, invitations, summaries."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, KindGroup, register_kinds
from notifications.rendering import RAW
from notifications.summaries import SUMMARY

NEW_DEVICE, PASSWORD_TRIES, INVITATION = "new_device", "password_tries", "invitation"
APPLICATION_CONFIRM, APPLICATION_CAME = "application_confirm", "application_came"
APPLICATION_DECLINED = "application_declined"

register_kinds(
    Kind(
        RAW,
        _("Account mail"),
        KindGroup.ACCOUNT,
        _("Somebody did something with an account of this address."),
        of_operator=False,
        opens_account=True,
        multiline=frozenset({"text"}),
        sample={
            "subject": "Parking: Confirm your email address",
            "text": (
                "Open this link to confirm your email address:\n\n"
                "https://parking.example/accounts/confirm-email/MQ:1vQ/\n\nIf you did not sign up, do nothing."
            ),
            "site": "https://parking.example",
        },
    ),
    Kind(
        NEW_DEVICE,
        _("Sign-in on a new device"),
        KindGroup.ACCOUNT,
        _("Somebody signed in to your account on a device that it has not been used on."),
        of_operator=False,
        sample={
            "device": "Firefox on Linux",
            "at": "Fri 27 Nov 2026 08:15 (Europe/Zurich)",
            "place": "192.0.2.17",
            "sessions_link": "https://parking.example/accounts/sessions/",
            "password_link": "https://parking.example/accounts/password/change/",
        },
    ),
    Kind(
        PASSWORD_TRIES,
        _("Passwords tried on your account"),
        KindGroup.ACCOUNT,
        _("Somebody tried several wrong passwords on your account."),
        of_operator=False,
        sample={
            "at": "Fri 27 Nov 2026 08:15 (Europe/Zurich)",
            "place": "192.0.2.17",
            "sessions_link": "https://parking.example/accounts/sessions/",
            "password_link": "https://parking.example/accounts/password/change/",
        },
    ),
    Kind(
        INVITATION,
        _("Invitation"),
        KindGroup.ACCOUNT,
        _("You were invited to work for an operator."),
        opens_account=True,
        sample={
            "operator": "Acme Parking",
            "role": "attendant",
            "invited_by": "Ada Lovelace",
            "days": 7,
            "link": "https://parking.example/invitations/token/",
        },
    ),
    Kind(
        APPLICATION_CONFIRM,
        _("Confirm an application"),
        KindGroup.ACCOUNT,
        _("Somebody applied with this address to run parking lots here."),
        of_operator=False,
        opens_account=True,
        sample={
            "company": "Acme Parking",
            "days": 7,
            "link": "https://parking.example/apply/confirm/token/",
        },
    ),
    Kind(
        APPLICATION_CAME,
        _("Application of an operator"),
        KindGroup.WORK,
        _("You run this installation, and somebody applied to run parking lots on it."),
        of_operator=False,
        can_wait=False,
        sample={
            "company": "Acme Parking",
            "name": "Ada Lovelace",
            "email": "ada@acme.example",
            "link": "https://parking.example/installation/applications/17/",
        },
    ),
    Kind(
        APPLICATION_DECLINED,
        _("Declined application"),
        KindGroup.ACCOUNT,
        _("You applied to run parking lots here."),
        of_operator=False,
        multiline=frozenset({"answer"}),
        sample={"company": "Acme Parking", "answer": "We only take lots in Switzerland."},
    ),
    Kind(
        SUMMARY,
        _("Summary"),
        KindGroup.REPORTS,
        _("You chose to get messages that can wait once a day."),
        opt_in=False,
        essential=True,
        of_operator=False,
        sample={
            "count": 2,
            "items": [
                {
                    "subject": "City Garage is full",
                    "words": "Since Fri 27 Nov 2026 08:15 no walk-in finds a spot.",
                    "link": "https://parking.example/manage/lots/city-garage/",
                },
                {
                    "subject": "CHF 12.50 missing in the till of Grace Hopper",
                    "words": "The count of drawer A at City Garage was off by more than is tolerated.",
                    "link": "https://parking.example/manage/shifts/17/",
                },
            ],
        },
    ),
)
