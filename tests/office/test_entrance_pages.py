"""The picture of a lot's entrance: checked, written again, and served under an address that names its content."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lots.models import LotEntrance
from lots.pictures import LARGEST_FILE, PictureRefusedError, rewritten
from tests.factories import make_lot, make_user

SECRET = b"taken by Ada at 47.37"


def picture(kind="JPEG", size=(64, 48), colour="red", mode="RGB", **more):
    file = BytesIO()
    Image.new(mode, size, colour).save(file, kind, **more)
    return file.getvalue()


def claimed(width, height):
    """Return a small PNG that says it is larger than memory."""
    small = picture("PNG", (1, 1))
    head = b"IHDR" + struct.pack(">II", width, height) + small[24:29]
    return small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]


def with_exif(orientation=6):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET.decode()
    return picture(exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_become_plain_jpegs(kind):
    written, size = rewritten(picture(kind))

    with Image.open(BytesIO(written)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", size)
        red, green, blue = image.getpixel((30, 20))
    assert red > 240
    assert max(green, blue) < 15


def test_pictures_are_made_smaller_and_what_is_clear_becomes_white():
    assert rewritten(picture("PNG", (4000, 1000)))[1] == (1600, 400)
    written, _size = rewritten(picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)))

    with Image.open(BytesIO(written)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


def test_what_is_written_beside_a_picture_is_removed_and_it_stands_upright():
    content = with_exif()
    written, size = rewritten(content)

    assert SECRET in content
    assert SECRET not in written
    assert size == (48, 64)
    with Image.open(BytesIO(written)) as image:
        assert not image.getexif()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"%PDF-1.7",
        picture("GIF"),
        picture("BMP"),
        picture()[:300],
        picture("PNG")[:60],
        picture("PNG", (5001, 5000), mode="1", colour=1),
        claimed(30_000, 30_000),
        b"\xff\xd8\xff" + b"0" * LARGEST_FILE,
    ],
    ids=["empty", "svg", "pdf", "gif", "bmp", "cut", "cut-png", "large", "bomb", "heavy"],
)
def test_what_is_no_picture_or_too_large_is_refused(content):
    with pytest.raises(PictureRefusedError):
        rewritten(content)


@pytest.fixture
def lot():
    return make_lot(slug="central", name="Central", max_height_cm=200)


def send(client, content=None, **fields):
    given = {"way_in": "Second ramp on the right", "shows": "A ramp"} | fields
    files = {} if content is None else {"picture": SimpleUploadedFile("my house.jpg", content, "text/html")}
    return client.post("/manage/lots/central/entrance/", given | files)


@pytest.mark.django_db
def test_drivers_see_the_picture_and_the_way_in(client, lot):
    client.force_login(make_user("admin", lot.operator))
    assert send(client, with_exif()).status_code == 302
    client.logout()
    page = client.get("/lots/central/").content.decode()
    entrance = LotEntrance.objects.get()
    address = f"/lots/central/entrance-{entrance.digest}.jpg"
    answer = client.get(address)

    assert f'src="{address}" alt="A ramp" width="48" height="64"' in page
    assert "Second ramp on the right" in page
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert {"public", "max-age=31536000", "immutable"} <= set(answer["Cache-Control"].split(", "))
    assert answer.content == bytes(entrance.picture)
    assert client.get(address.replace(entrance.digest, "0" * 64)).status_code == 404
    lot.published = False
    lot.save()
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_a_picture_is_kept_replaced_and_removed(client, lot):
    client.force_login(make_user("admin", lot.operator))
    send(client, picture())
    first = LotEntrance.objects.get().digest
    send(client, way_in="Another way")
    assert LotEntrance.objects.get().digest == first
    send(client, picture(colour="blue"))
    assert LotEntrance.objects.get().digest not in {"", first}
    send(client, no_picture="on", shows="")
    entrance = LotEntrance.objects.get()

    assert (entrance.picture, entrance.digest, entrance.way_in) == (None, "", "Second ramp on the right")
    assert "entrance-picture" not in client.get("/lots/central/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (b"<svg/>", {}),
        (picture("PNG", (6000, 5000), mode="1", colour=1), {}),
        (b"0" * (LARGEST_FILE + 1), {}),
        (picture(), {"shows": ""}),
        (None, {"way_in": "x" * 501}),
    ],
    ids=["svg", "pixels", "bytes", "words", "long"],
)
def test_what_does_not_fit_is_explained_and_nothing_is_kept(client, lot, content, fields):
    client.force_login(make_user("admin", lot.operator))
    answer = send(client, content, **fields)

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not LotEntrance.objects.exists()


@pytest.mark.django_db
def test_words_of_the_way_in_are_text(client, lot):
    client.force_login(make_user("admin", lot.operator))
    send(client, picture(), way_in="<script>1</script>", shows='"><script>1</script>')

    assert "<script>1" not in client.get("/lots/central/").content.decode()
