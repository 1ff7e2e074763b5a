"""The picture of a demo lot's entrance, drawn when it is loaded: a house, a ramp with its barrier, and the sign."""

from io import BytesIO

from lots.models import Lot
from lots.services import EntranceWords, describe_entrance

SIZE = (960, 540)
WAY_IN = "From Löwenstrasse, the second ramp on the right, beside the bakery. Keep left on the ramp."
SHOWS = "A grey house with a ramp down on the right, a red and white barrier, and a blue sign with a P above it."
SKY, HOUSE, WINDOW, STREET, RAMP, SIGN = "#cfe3f5", "#8d949c", "#f4e9c1", "#555b61", "#2f3439", "#0a58a6"


def picture_entrance(lot: Lot) -> None:
    """Describe a lot's entrance, with its picture."""
    describe_entrance(lot=lot, words=EntranceWords(WAY_IN, SHOWS), picture=_drawn())


def _drawn() -> bytes:
    from PIL import Image, ImageDraw  # slow to import, and few processes need it

    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 70, 900, 430), fill=HOUSE)
    for row in range(2):
        for column in range(6):
            left, top = 100 + 132 * column, 105 + 95 * row
            pen.rectangle((left, top, left + 70, top + 60), fill=WINDOW)
    pen.rectangle((0, 430, SIZE[0], SIZE[1]), fill=STREET)
    pen.polygon(((560, 300), (830, 300), (870, 540), (500, 540)), fill=RAMP)
    for stripe in range(9):
        left = 545 + 34 * stripe
        pen.rectangle((left, 405, left + 33, 423), fill="#d23b3b" if stripe % 2 else "white")
    pen.rectangle((520, 395, 545, 470), fill="#e0a400")
    pen.rounded_rectangle((650, 205, 740, 295), 12, fill=SIGN)
    pen.rectangle((679, 222, 691, 280), fill="white")
    pen.arc((676, 221, 722, 257), 250, 110, fill="white", width=11)
    for dash in range(5):
        pen.rectangle((40 + 110 * dash, 490, 95 + 110 * dash, 498), fill="white")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
