"""The languages of texts, each under its own name."""

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
LOCALES = [
    ("en-GB", "English (United Kingdom)"),
    ("en-US", "English (United States)"),
    ("en-CH", "English (Switzerland)"),
    ("en-IE", "English (Ireland)"),
    ("en-AU", "English (Australia)"),
    ("en-CA", "English (Canada)"),
    ("en-IN", "English (India)"),
    ("de-CH", "Deutsch (Schweiz)"),
    ("de-DE", "Deutsch (Deutschland)"),
    ("de-AT", "Deutsch (Österreich)"),
    ("fr-CH", "Français (Suisse)"),
    ("fr-FR", "Français (France)"),
    ("es-ES", "Español (España)"),
]
"""The language of texts, each under its own name, and where numbers and dates are written as there."""
