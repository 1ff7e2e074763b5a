"""Parts of pages over HTMX: which file answers, and when nothing has to be sent."""

import pytest
from django.test import RequestFactory, override_settings

from common.web.htmx import live_response, page_response

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.locmem.Loader",
                    {"lot.html": "page {{ free }}", "lot/_live.html": "part {{ free }}"},
                )
            ]
        },
    }
]


@pytest.fixture(autouse=True)
def _templates():
    with override_settings(TEMPLATES=TEMPLATES):
        yield


def live(free=3, **headers):
    request = RequestFactory().get("/", headers=headers)
    return live_response(request, "lot.html#live", {"free": free}, etag_source={"free": free})


def test_page_is_whole_without_htmx():
    response = live()

    assert response.content == b"page 3"
    assert "ETag" not in response


def test_part_answers_htmx_with_a_weak_etag():
    response = live(hx_request="true")

    assert response.content == b"part 3"
    assert response["ETag"].startswith('W/"')
    assert response["Cache-Control"] == "private, no-cache"
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("header", ["hx_boosted", "hx_history_restore_request"])
def test_navigation_over_htmx_gets_the_whole_page(header):
    assert live(hx_request="true", **{header: "true"}).content == b"page 3"


def test_unchanged_part_is_not_sent_again():
    etag = live(hx_request="true")["ETag"]

    response = live(hx_request="true", if_none_match=f'"other", {etag}')

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)


def test_changed_part_is_sent():
    etag = live(hx_request="true")["ETag"]

    assert live(free=4, hx_request="true", if_none_match=etag).content == b"part 4"


def test_context_is_not_made_for_an_unchanged_part():
    etag = live(hx_request="true")["ETag"]
    request = RequestFactory().get("/", headers={"hx-request": "true", "if-none-match": etag})

    def context():
        pytest.fail("nothing is rendered, so nothing may be loaded")

    assert live_response(request, "lot.html#live", context, etag_source={"free": 3}).status_code == 304


def test_whole_page_ignores_an_etag():
    etag = live(hx_request="true")["ETag"]

    assert live(if_none_match=etag).content == b"page 3"


def test_refused_form_keeps_its_status():
    request = RequestFactory().post("/", headers={"hx-request": "true"})

    response = page_response(request, "lot.html#live", {"free": 1}, status=422)

    assert (response.status_code, response.content) == (422, b"part 1")
