"""Kinds of spots and vehicles as the rules of a tariff name them."""

from collections.abc import Mapping

from common.words import Text
from common.words import text as _

KIND_TEXTS: Mapping[str, Text] = {
    "compact": _("compact"),
    "ev": _("ev"),
    "handicap": _("handicap"),
    "large": _("large"),
    "motorcycle": _("motorcycle"),
    "regular": _("regular"),
}
