"""Pictures that people upload: decoded, made smaller and written again, so that nothing but the picture is kept."""

from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from common.errors import DomainError, FieldError

LARGEST_FILE = 5_000_000
MOST_PIXELS = 25_000_000
"""A file of a few kilobytes may unfold to gigabytes: what says that it is larger is not decoded."""
LONGEST_SIDE = 1600
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 82
_PAPER = "white"


class PictureRefusedError(DomainError):
    """The file is no picture that we take."""

    code = "picture_refused"

    def __init__(self) -> None:
        message = _("Choose a PNG, JPEG or WebP picture of 5 MB and 25 megapixels at most.")
        super().__init__(message, errors=[FieldError("picture", message)])


def rewritten(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as a JPEG of 1600 pixels at most, upright and without what was written beside it, and its size.

    Raises PictureRefusedError for anything but a whole PNG, JPEG or WebP of an acceptable size.
    """
    if len(content) > LARGEST_FILE:
        raise PictureRefusedError
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            return _written(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PictureRefusedError from error


def _written(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    if image.width * image.height > MOST_PIXELS:
        raise PictureRefusedError
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded smaller
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    coloured = ImageOps.exif_transpose(image).convert("RGBA")
    plain = Image.new("RGB", coloured.size, _PAPER)
    plain.paste(coloured, mask=coloured)
    file = BytesIO()
    plain.save(file, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return file.getvalue(), plain.size
