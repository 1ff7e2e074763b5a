"""The language of pages: a person's own, else that of the cookie, the browser, or the installation."""

import pytest
from django.test import Client
from django.urls import reverse

from common.translation import in_languages
from gates.decision import Action, Decision, Direction, Reason
from gates.messages import LaneWords, lane_message
from lots.displays import languages_of
from tests.factories import make_lot, make_operator, make_user
from tests.gates.lanes import Lane

pytestmark = pytest.mark.django_db

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}


def language_of(response):
    return response["Content-Language"]


def test_stranger_reads_what_the_browser_says_until_another_language_is_chosen():
    make_operator()
    client = Client(**GERMAN)
    first = client.get("/")
    chosen = client.post("/language/", {"language": "fr", "next": "/?q=Bern"})
    then = client.get("/")

    assert (language_of(first), '<html lang="de">' in first.content.decode()) == ("de", True)
    assert (chosen.status_code, chosen["Location"]) == (302, "/?q=Bern")
    assert language_of(then) == "fr"
    assert '<button name="language" value="fr" lang="fr" aria-current="true">Français</button>' in then.content.decode()
    assert "Accept-Language" in first["Vary"]
    assert "Cookie" in first["Vary"]


def test_unknown_language_leaves_it_to_the_browser():
    client = Client(**GERMAN)
    client.post("/language/", {"language": "fr"})
    client.post("/language/", {"language": "tlh", "next": "https://evil.example/"})

    assert language_of(client.get("/")) == "de"
    assert language_of(Client(HTTP_ACCEPT_LANGUAGE="tlh").get("/")) == "en"


def test_language_of_an_account_is_its_own_everywhere():
    person, client = make_user(), Client(**GERMAN)
    client.force_login(person)
    before = language_of(client.get("/me/"))
    person.locale = "fr-CH"
    person.save()
    client.cookies["language"] = "es"
    page = client.get("/me/")

    assert (before, language_of(page)) == ("de", "fr-ch")
    assert '<html lang="fr-ch">' in page.content.decode()
    assert 'action="/language/"' not in page.content.decode()


def test_live_part_in_another_language_is_sent_again():
    address, part = reverse("driver:lot", args=[make_lot().slug]), {"HTTP_HX_REQUEST": "true"}
    english, german = Client(), Client(**GERMAN)
    etag = english.get(address, **part)["ETag"]

    assert english.get(address, **part, HTTP_IF_NONE_MATCH=etag).status_code == 304
    assert german.get(address, **part, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_programs_are_answered_in_english():
    assert Client(**GERMAN).get("/api/v1/lots/nowhere/availability").json()["detail"].isascii()
    assert language_of(Client(**GERMAN).get("/api/v1/docs")) == "de"


def test_board_speaks_the_lots_language_to_everybody():
    lot = make_lot(language="fr", is_closed=True)
    address = reverse("driver:board", args=[lot.slug])
    board = Client(**GERMAN).get(address)

    assert language_of(board) == "fr"
    assert "FERMÉ" in board.content.decode()
    lot.language = ""
    lot.save()
    assert "GESCHLOSSEN" in Client(**GERMAN).get(address).content.decode()
    assert "CLOSED" in Client().get(address).content.decode()


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        ({}, "Welcome."),
        ({"language": "de"}, "Willkommen."),
        ({"language": "de", "second_language": "fr"}, "Willkommen. / Bienvenue."),
        ({"second_language": "de"}, "Welcome. / Willkommen."),
        ({"language": "es", "second_language": "es"}, "Bienvenido."),
    ],
)
def test_lane_speaks_the_languages_of_its_lot(languages, message):
    lane = Lane(make_lot(tracking="levels", **languages), "entry")

    assert lane.read()["message"] == message


@pytest.mark.parametrize(
    ("level", "said"),
    [("Level 2", ["level 2", "Level 2", "level 2"]), ("Ground", ["ground floor", "Erdgeschoss", "rez-de-chaussée"])],
)
def test_name_of_a_level_is_small_inside_a_sentence_but_in_german(level, said):
    message = lane_message(
        Decision(action=Action.OPEN, reason=Reason.OK), Direction.ENTRY, LaneWords(spot="7", level=level)
    )

    assert [one.partition(", ")[2] for one in in_languages(message, ["en", "de", "fr"]).split(" / ")] == [
        f"{name}." for name in said
    ]


def test_lot_speaks_the_installations_language_unless_it_has_its_own(settings):
    settings.LANGUAGE_CODE = "de"

    assert languages_of(make_lot()) == ["de"]
    assert languages_of(make_lot(language="fr", second_language="en")) == ["fr", "en"]
