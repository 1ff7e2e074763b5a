"""What a page tells of its refused forms."""

from django import forms
from django.template import engines
from django.test import RequestFactory

PAGE = """{% load refused %}{% refused "Not saved" %}{{ first.as_p }}{{ second.as_p }}"""


class Wish(forms.Form):
    name = forms.CharField(widget=forms.TextInput(attrs={"autofocus": True}))
    size = forms.IntegerField(max_value=9)
    key = forms.UUIDField(widget=forms.HiddenInput)


def shown(first, second=None, method="post"):
    request = getattr(RequestFactory(), method)("/")
    context = {"first": first, "second": second or Wish(auto_id="second_%s"), "request": request}
    return " ".join(engines["django"].from_string(PAGE).render(context, request).split())


def wish(**values):
    return Wish({"name": "A", "size": "3", "key": "9b2f0a7e-5b1e-4c57-9b8b-0f2a4b1c9d11"} | values)


def test_nothing_is_told_of_forms_that_are_right_or_not_sent():
    assert "refused" not in shown(wish())
    assert "refused" not in shown(Wish())


def test_wrong_fields_are_named_and_the_first_alone_takes_the_focus():
    page = shown(wish(), Wish({"name": "", "size": "12", "key": "x"}, auto_id="second_%s"))

    assert 'Not saved: 2 things to correct: <a href="#second_name">Name</a>, <a href="#second_size">Size</a>' in page
    assert page.count("autofocus") == 1
    assert page.index("second_name", page.index("</a>, ")) < page.index("autofocus")
    assert "Enter a valid UUID." in page


def test_refusal_of_the_whole_form_takes_the_focus_itself():
    form = wish()
    form.add_error(None, "The last admin stays.")

    page = shown(form)

    assert '<div class="toast toast-stop refused" role="alert" tabindex="-1" autofocus>' in page
    assert "Not saved: The last admin stays." in page
    assert page.count("autofocus") == 1


def test_search_is_not_told_that_it_was_not_saved():
    page = shown(wish(size="12"), method="get")

    assert '<p>1 thing to correct: <a href="#id_size">Size</a></p>' in page
