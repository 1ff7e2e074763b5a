"""The page on which an operator describes the entrance of a lot: its picture and the way in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from lots.access import get_managed_lot
from lots.models import LotEntrance
from lots.pictures import LARGEST_FILE, PictureRefusedError
from lots.services import EntranceWords, describe_entrance

LONGEST_WAY_IN, LONGEST_SHOWS = 500, 200


class EntranceForm(forms.Form):
    """The way into a lot, and a picture with what it shows."""

    way_in = forms.CharField(
        label=_("Way in"),
        required=False,
        max_length=LONGEST_WAY_IN,
        help_text=_("Such as: from Main Street, the second ramp on the right, next to the bakery."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    picture = forms.FileField(
        label=_("Picture of the entrance"),
        required=False,
        help_text=_("PNG, JPEG or WebP, 5 MB at most. Where and when it was taken is removed."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    shows = forms.CharField(
        label=_("What the picture shows"),
        required=False,
        max_length=LONGEST_SHOWS,
        help_text=_("For drivers who can't see it."),
    )
    no_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    def __init__(self, *args: Any, entrance: LotEntrance | None, **kwargs: Any) -> None:
        """Offer what is there."""
        if entrance:
            kwargs.setdefault("initial", {"way_in": entrance.way_in, "shows": entrance.shows})
        super().__init__(*args, **kwargs)
        self.has_picture = entrance is not None and bool(entrance.digest)
        if not self.has_picture:
            del self.fields["no_picture"]

    def clean_picture(self) -> bytes | None:
        """Return the file's content; None when there is none. Raises ValidationError for one that is too large."""
        file: UploadedFile[Any] | None = self.cleaned_data["picture"]
        if not file:
            return None
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(PictureRefusedError().message)
        return bytes(file.read())

    def clean(self) -> dict[str, Any]:
        """Ask what a picture shows."""
        given = super().clean() or {}
        stays = self.has_picture and not given.get("no_picture")
        if (given.get("picture") or stays) and not given.get("shows") and "shows" not in self.errors:
            self.add_error("shows", gettext("Say in a few words what the picture shows."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def entrance(request: PersonRequest, slug: str) -> HttpResponse:
    """Change the picture of a lot's entrance and the way in."""
    lot = get_managed_lot(request, slug)
    present = LotEntrance.objects.filter(lot=lot).defer("picture").first()
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = EntranceForm(data, files, entrance=present)
    if form.is_valid():
        given = form.cleaned_data
        words = EntranceWords(given["way_in"], given["shows"])
        try:
            drop = bool(given.get("no_picture"))
            describe_entrance(lot=lot, words=words, picture=given["picture"], drop_picture=drop)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("office:lot_entrance", lot.slug)
    context = {"lot": lot, "form": form, "entrance": present}
    return render(request, "office/lots/entrance.html", context, status=422 if form.errors else 200)
