"""Live parts: what stays untouched, what is said when the connection is lost, and how it catches up."""

from queue import SimpleQueue

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.template import RequestContext, Template
from django.test import override_settings
from django.urls import include, path
from django.utils.timezone import now
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = """{% extends "base.html" %}{% block main %}
{% include "components/freshness.html" with at=at zone="Europe/Zurich" %}
<div id="part" data-live hx-get="/part/" hx-trigger="every 1s"><b>3 free</b></div>
{% endblock %}"""
free = {"now": 3, "asked": 0}


def _page(request):
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"at": now()})))


def _part(request):
    free["asked"] += 1
    return HttpResponse(f"<b>{free['now']} free</b>")


PUSHED = """{% extends "base.html" %}{% block main %}
{% include "components/freshness.html" with at=at zone="Europe/Zurich" %}
<div id="part" data-live hx-ext="sse" sse-connect="/told/" hx-get="/part/" hx-trigger="every 1s, sse:lot"><b>3 free</b></div>
{% endblock %}"""
told: SimpleQueue[str] = SimpleQueue()


def _pushed(request):
    return HttpResponse(Template(PUSHED).render(RequestContext(request, {"at": now()})))


def _told(_request):
    # What is compressed waits for more.
    sent = {"content_type": "text/event-stream", "headers": {"Content-Encoding": "identity"}}
    return StreamingHttpResponse(iter(told.get, ""), **sent)


urlpatterns = [
    path("live/", _page),
    path("part/", _part),
    path("pushed/", _pushed),
    path("told/", _told),
    path("", include("parking.urls")),
]


@pytest.fixture
def live_page(live_server, page):
    free.update(now=3, asked=0)
    with override_settings(ROOT_URLCONF=__name__):
        page.goto(f"{live_server.url}/live/")
        yield page
        page.goto("about:blank")


def wait_until_asked(page, times):
    for _ in range(300):
        if free["asked"] >= times:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"The part was asked for {free['asked']} times, not {times}.")


def test_part_shows_what_changed(live_page):
    free["now"] = 2

    expect(live_page.locator("#part")).to_have_text("2 free")


def test_unchanged_part_is_left_alone(live_page):
    wait_until_asked(live_page, 2)
    live_page.evaluate("document.querySelector('#part b').dataset.kept = 'yes'")

    wait_until_asked(live_page, 5)

    assert live_page.locator("#part b").get_attribute("data-kept") == "yes"


def test_lost_connection_is_said_and_greyed_until_it_is_back(live_page):
    wait_until_asked(live_page, 1)
    live_page.context.set_offline(True)

    expect(live_page.get_by_role("status").filter(has_text="Connection lost, trying again.")).to_have_count(1)
    expect(live_page.locator("#part")).to_have_class("live-lost")

    free["now"] = 1
    live_page.context.set_offline(False)
    expect(live_page.locator("#part")).to_have_text("1 free")
    expect(live_page.locator("#part")).not_to_have_class("live-lost")
    expect(live_page.locator("[data-freshness-age]")).to_contain_text("Live")


def test_page_says_its_time_without_javascript(live_server, browser):
    page = browser.new_context(java_script_enabled=False).new_page()
    with override_settings(ROOT_URLCONF=__name__):
        page.goto(f"{live_server.url}/live/")

    expect(page.locator("[data-freshness-age] time")).to_be_visible()
    page.context.close()


def test_part_that_is_told_of_changes_asks_only_then_and_as_before_when_it_is_told_no_longer(live_server, page):
    free.update(now=3, asked=0)
    with override_settings(ROOT_URLCONF=__name__):
        told.put("event: beat\ndata: on\n\n")
        page.goto(f"{live_server.url}/pushed/")
        expect(page.locator("#part")).to_have_class("live-pushed")
        asked = free["asked"]
        page.wait_for_timeout(2_500)
        assert free["asked"] == asked
        expect(page.locator("[data-freshness-age]")).to_contain_text("Live")

        free["now"] = 2
        for _ in range(5):
            told.put('event: lot\ndata: {"spread": 0.05}\n\n')
        expect(page.locator("#part")).to_have_text("2 free")
        assert free["asked"] == asked + 1

        told.put("event: beat\ndata: off\n\n")
        free["now"] = 1
        expect(page.locator("#part")).to_have_text("1 free")
        page.goto("about:blank")
        told.put("")
