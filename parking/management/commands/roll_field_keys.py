"""Seal what is stored again, by the first of FIELD_KEYS."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.sealed_factors import factors_left_to_seal, seal_factors_again
from common.db.sealed_roll import left_to_seal, seal_again


class Command(BaseCommand):
    help = "Seal all that is sealed by the first of FIELD_KEYS, in small batches, also under traffic; safe to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count what another key has sealed")

    def handle(self, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"{seal_again() + seal_factors_again()} rows sealed by the first key")
        left = left_to_seal()
        if factors := len(factors_left_to_seal()):
            left["mfa_authenticator"] = factors
        for table, rows in left.items():
            self.stdout.write(f"{table}: {rows} rows are left")
        if not left:
            self.stdout.write("no row is left: earlier keys can be taken out")
