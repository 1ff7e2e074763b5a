"""The includes that pages are made of."""

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, engines
from django.template.loader import render_to_string
from django.test import RequestFactory


class StayForm(forms.Form):
    plate = forms.CharField(label="Plate", help_text="As on the car.", max_length=8)
    note = forms.CharField(label="Note", required=False)
    electric = forms.BooleanField(label="Electric", help_text="Uses charging bays.", required=False)
    way = forms.ChoiceField(label="How", choices=[("card", "Card"), ("cash", "Cash")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def component(name, request=None, /, **context):
    return render_to_string(f"components/{name}.html", context, request)


def bound(**data):
    form = StayForm({"plate": "", **data})
    form.is_valid()
    return form


def test_field_says_label_then_hint_then_error_then_control():
    html = component("field", field=bound()["plate"])

    places = [html.index(part) for part in ("<label", "As on the car.", "This field is required.", "<input")]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["plate", "note", "electric", "way"])
def test_field_describes_its_control_by_what_is_on_the_page(name):
    html = component("field", field=bound()[name])

    described = {target for ids in re.findall(r'aria-describedby="([^"]+)"', html) for target in ids.split()}
    assert described <= set(re.findall(r'\bid="([^"]+)"', html))
    assert bool(described) == (name != "note")


def test_choices_stand_in_a_fieldset_with_a_legend():
    html = component("field", field=bound()["way"])

    assert "<fieldset" in html
    assert "<legend" in html


def test_field_escapes_a_hint_given_by_a_page():
    assert "&lt;b&gt;" in component("field", field=bound()["plate"], hint="<b>")


def test_form_shows_every_field_and_leaves_the_errors_of_the_whole_to_the_top_of_the_page():
    form = bound()
    form.add_error(None, "The lot is closed.")

    html = component("form", form=form)

    assert "The lot is closed." not in html
    assert "Plate" in html
    assert 'type="hidden" name="secret"' in html


def test_meter_says_in_words_what_it_draws():
    html = component("meter", label="Central", occupied=230, reserved=30, maintenance=10, total=400)

    assert 'aria-valuetext="230 of 400 occupied, 30 reserved, 10 out of use"' in html
    assert 'width="57%"' in html or 'width="58%"' in html
    assert "meter-full" not in html


def test_full_meter_says_full():
    html = component("meter", label="Central", occupied=4, total=4, words=True)

    assert "meter-full" in html
    assert ">Full<" in html


def test_meter_of_an_empty_lot_has_no_bar():
    assert 'width="0%"' in component("meter", label="Empty", occupied=0, total=0)


@pytest.mark.parametrize(
    ("status", "mark"), [("reserved", "url(#hatch-bay)"), ("maintenance", "bay-cross"), ("occupied", "bay-occupied")]
)
def test_bay_shows_its_state_by_shape_and_word(status, mark):
    bay = SimpleNamespace(number="A-1", status=status, spot_type="regular", said=f"regular, {status}")
    html = component("floor_plan", bays=[bay], label="Row A", bay_template="components/bay_drawn.html")

    assert mark in html
    assert f'A-1</span><span class="hidden-text">, regular, {status}' in html


@pytest.mark.parametrize(("spot_type", "letter"), [("compact", "C"), ("large", "L"), ("motorcycle", "M")])
def test_bay_shows_its_type_by_letter(spot_type, letter):
    assert f">{letter}</text>" in component("bay", status="available", spot_type=spot_type)


def test_fee_lists_lines_total_and_tax():
    html = component("fee_lines", lines=[{"label": "6 × 30 min", "amount": 1200}], total=1200, tax=90, currency="CHF")

    assert re.findall(r'<span class="money">([^<]+)<', html) == ["12.00", "CHF\u00a012.00", "0.90"]


def test_badge_hides_its_letter_from_readers():
    assert '<span class="badge-letter" aria-hidden="true">P</span>Paid' in component("badge", word="Paid", letter="P")


def test_pager_keeps_the_query_and_says_where_one_is():
    request = RequestFactory().get("/", {"q": "zh", "page": "2"})

    html = component("pager", request, page=Paginator(range(120), 50).page(2), noun="stays")

    assert "51–100 of 120 stays" in html
    assert 'href="?q=zh&amp;page=1"' in html
    assert 'href="?q=zh&amp;page=3"' in html


def test_pager_is_silent_on_one_page():
    assert component("pager", page=Paginator(range(3), 50).page(1)).strip() == ""


def test_every_include_says_what_it_takes():
    folder = engines["django"].engine.dirs[0] / "components"
    files = sorted(folder.glob("*.html"))

    assert files
    assert [file.name for file in files if not file.read_text().startswith("{# ")] == []


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500"])
def test_error_page_renders_without_a_request(page):
    html = render_to_string(f"{page}.html")

    assert "<h1>" in html
    assert 'href="/"' in html


def test_pages_carry_no_inline_style_or_script():
    html = render_to_string("404.html", request=RequestFactory().get("/"))

    assert re.findall(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son\w+=", html) == []


def test_chosen_theme_is_on_the_page():
    page = Template('{% extends "base.html" %}')

    assert 'data-theme="dark"' in page.render(Context({"theme": "dark"}))
    assert "data-theme" not in page.render(Context())


@pytest.mark.parametrize(("free", "said", "full"), [(41, "41", False), (0, "FULL", True)])
def test_board_says_a_number_or_full(free, said, full):
    html = component("board_level", name="Level 2", free=free, direction="up")

    assert f'<strong class="board-free">{said}' in html
    assert ("board-full" in html) == full
