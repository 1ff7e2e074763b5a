"""Errors of the site file."""

from common.errors import DomainError


class SiteFileError(DomainError):
    """The site file has mistakes or conflicts with the database; `errors` name every JSON path."""

    code = "invalid_site_file"
