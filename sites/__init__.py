"""The site file: an operator with its lots as one JSON document, which is parsed, compared and imported."""

from sites.copying import copy_lot
from sites.errors import SiteFileError
from sites.exporting import site_document
from sites.importing import import_site
from sites.reading import read_site
from sites.report import Report

__all__ = ["Report", "SiteFileError", "copy_lot", "import_site", "read_site", "site_document"]
