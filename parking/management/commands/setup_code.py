"""Print a code for the first operator."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from accounts.setting_up import renew_setup_code
from entrance.first_run import first_run_link


class Command(BaseCommand):
    help = "Print a link with a code that makes the first operator; the one printed before no longer works."

    def handle(self, **_options: Any) -> None:
        code = renew_setup_code(at=now())
        if code is None:
            raise CommandError("The installation has an operator already: sign in, or see create_user.")
        self.stdout.write(f"setup code {code}")
        self.stdout.write(first_run_link(code))
