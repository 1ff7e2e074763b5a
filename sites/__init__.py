"""The site file: an operator with its lots as one JSON document, which is parsed, compared and imported."""

from sites.errors import SiteFileError
from sites.importing import import_site
from sites.reading import read_site
from sites.report import Report

__all__ = ["Report", "SiteFileError", "import_site", "read_site"]
