"""What a site file is refused for."""

from common.errors import DomainError


class SiteFileError(DomainError):
    """The site file has mistakes or contradicts what there is; `errors` names every place by JSON path."""

    code = "invalid_site_file"
