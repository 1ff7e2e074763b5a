"""The storage of exported files, from one setting."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def export_storage(where: str) -> dict[str, Any]:
    """Return Django's entry for a folder, or for `s3://bucket/folder`, which needs the package django-storages[s3].

    Keys, region and address of an S3-compatible server are read from the usual AWS_… variables.
    """
    if "://" not in where:
        modes = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        location = {"location": str(Path(where).resolve())}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": location | modes}
    address = urlsplit(where)
    if address.scheme != "s3" or not address.netloc:
        raise ImproperlyConfigured(f"EXPORTS_STORAGE is {where!r}; it must be a folder or s3://bucket/folder.")
    # Private files, none of which is ever written twice; sent in parts, so that memory stays small.
    options = {"bucket_name": address.netloc, "location": address.path.strip("/"), "default_acl": None}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | {"file_overwrite": False}}


def unfinished_folder(where: str, data: Path) -> Path:
    """Return where files lie while they are written: on the disk of the folder they are moved to, if it is one."""
    return (data / "exports" if "://" in where else Path(where).resolve()) / "unfinished"
