"""Exports write into a folder of each test."""

import pytest
from django.core.files.storage import storages


@pytest.fixture(autouse=True)
def export_folder(settings, tmp_path):
    """Let files lie in the test's own folder."""
    settings.EXPORTS_STORAGE = str(tmp_path / "files")
    settings.EXPORTS_UNFINISHED = str(tmp_path / "files" / "unfinished")
    options = {"location": settings.EXPORTS_STORAGE}
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"exports": backend}
    storages._storages.clear()
    storages.__dict__.pop("backends", None)
    yield tmp_path / "files"
    storages._storages.clear()
    storages.__dict__.pop("backends", None)
