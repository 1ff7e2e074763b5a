"""The site file: an operator with its lots in one JSON document, read, compared with what there is and put in force."""

from sites.errors import SiteFileError
from sites.importing import import_site
from sites.reading import read_site
from sites.report import Report

__all__ = ["Report", "SiteFileError", "import_site", "read_site"]
