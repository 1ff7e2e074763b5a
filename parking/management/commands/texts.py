"""Keep the catalogues of translations."""

from typing import Any

from django.core.management.base import BaseCommand

from parking.catalogues import (
    TRANSLATED,
    compiled,
    read_translations,
    taken_up,
    texts_of_sources,
    translations_path,
    untranslated,
    written,
)


class Command(BaseCommand):
    help = (
        "Take up the texts of modules and templates into locale/*/LC_MESSAGES/django.po, and write django.mo from it."
    )
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        texts = texts_of_sources()
        for language in TRANSLATED:
            translations = taken_up(read_translations(language), texts)
            translations_path(language).parent.mkdir(parents=True, exist_ok=True)
            translations_path(language).write_bytes(written(translations))
            translations_path(language, "mo").write_bytes(compiled(translations))
            left = untranslated(translations)
            self.stdout.write(f"{language}: {len(translations)} texts, {left} without a translation")
