"""Import a site file."""

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sites import SiteFileError, import_site, read_site


class Command(BaseCommand):
    help = "Make operators, lots, levels, zones, spots, gates and tariffs as a site file says; prints what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a site file in JSON")
        parser.add_argument("--dry-run", action="store_true", help="report what would change without changing anything")

    def handle(self, *, file: Path, dry_run: bool, **_: Any) -> None:
        try:
            report = import_site(read_site(_text_of(file)), at=dt.datetime.now(dt.UTC), dry_run=dry_run)
        except SiteFileError as error:
            lines = [error.message, *(f"{one.path}: {one.message}" for one in error.errors)]
            raise CommandError("\n".join(lines)) from error
        self.stdout.write(report.text())
        if dry_run:
            self.stdout.write("dry run: nothing was stored")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from error
