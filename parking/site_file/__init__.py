"""The site file: an operator with its lots in one JSON document, read, compared with what there is and put in force."""

from parking.site_file.errors import SiteFileError
from parking.site_file.importing import import_site
from parking.site_file.reading import read_site
from parking.site_file.report import Report

__all__ = ["Report", "SiteFileError", "import_site", "read_site"]
