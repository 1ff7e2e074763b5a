"""How drivers find into a lot: the words and the picture of its entrance."""

from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction

from lots.models import Lot, LotEntrance


@dataclass(frozen=True, slots=True)
class EntranceWords:
    """The way in, and what the picture shows to who can't see it."""

    way_in: str
    shows: str


@transaction.atomic
def describe_entrance(
    *, lot: Lot, words: EntranceWords, picture: bytes | None = None, drop_picture: bool = False
) -> LotEntrance:
    """Keep the words about a lot's entrance, with an uploaded picture, the one before, or none. Idempotent.

    Raises PictureRefusedError.
    """
    values: dict[str, object] = {"way_in": words.way_in, "shows": words.shows}
    if picture is not None:
        values |= _picture(picture)
    elif drop_picture:
        values |= {"picture": None, "digest": "", "width": 0, "height": 0, "shows": ""}
    entrance, _created = LotEntrance.objects.update_or_create(lot=lot, defaults=values)
    return entrance


def _picture(content: bytes) -> dict[str, object]:
    from lots.pictures import rewritten  # slow to import, and few processes need it

    written, (width, height) = rewritten(content)
    return {"picture": written, "digest": sha256(written).hexdigest(), "width": width, "height": height}
