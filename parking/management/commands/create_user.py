"""Create a person."""

import getpass
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.ownership import account_of
from accounts.people import ROLES, set_up_person
from common.errors import DomainError


class Command(BaseCommand):
    help = "Create a person, or bring an existing one to this role and password. The email address counts as verified."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", choices=ROLES, required=True)
        parser.add_argument("--operator", metavar="SLUG", help="the operator of the role; not for drivers")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is no email address.") from error
        exists = account_of(email) is not None
        password, generated = _password(from_stdin=options["password_stdin"], exists=exists)
        try:
            set_up_person(email=email, role=options["role"], operator=options["operator"], password=password)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{'updated' if exists else 'created'} {options['role']} {email}")
        if generated:
            self.stdout.write(f"password {password}")


def _password(*, from_stdin: bool, exists: bool) -> tuple[str | None, bool]:
    """Return the password and whether it was generated; None keeps an existing person's password."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif exists:
        return None, False
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise CommandError("The two passwords differ.")
    else:
        return secrets.token_urlsafe(12), True
    if not password:
        raise CommandError("The password is empty.")
    return password, False
