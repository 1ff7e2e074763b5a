"""Forms to send documents again, and set what is on them."""

from io import BytesIO
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from accounts.models import Operator
from common.web.timezones import zones_by_region

LARGEST_LOGO = 200_000
LARGEST_SIDE = 2000
LOGO_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


class SendDocumentForm(forms.Form):
    """The address to which a document is sent again; `key` makes a double submit one mail."""

    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    key = forms.UUIDField(widget=forms.HiddenInput)


class CompanyForm(forms.Form):
    """What stands on an operator's documents."""

    legal_name = forms.CharField(label=_("Legal name"), required=False, max_length=120)
    address = forms.CharField(
        label=_("Address"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    tax_id = forms.CharField(label=_("Tax id"), required=False, max_length=40)
    timezone = forms.ChoiceField(
        label=_("Timezone"),
        required=False,
        help_text=_("The year of a document’s number is that in this zone. Without one, in the zone of its lot."),
    )
    logo = forms.FileField(label=_("Logo"), required=False, help_text=_("PNG or JPEG, 200 kB at most."))
    no_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        names = ("legal_name", "address", "tax_id", "timezone")
        kwargs.setdefault("initial", {name: getattr(operator, name) for name in names})
        super().__init__(*args, **kwargs)
        self.operator = operator
        field = self.fields["timezone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        field.choices = [("", _("That of the lot")), *zones_by_region()]
        if not hasattr(operator, "logo"):
            del self.fields["no_logo"]

    def clean_logo(self) -> tuple[bytes, str] | None:
        """Return the picture with its media type; None when there is none."""
        file: UploadedFile[Any] | None = self.cleaned_data["logo"]
        if not file:
            return None
        content = file.read() if (file.size or 0) <= LARGEST_LOGO else b""
        media_type = _media_type(content)
        if not media_type:
            raise forms.ValidationError(_("Choose a PNG or JPEG picture of 200 kB at most."))
        return content, media_type


def _media_type(content: bytes) -> str:
    """Return the media type of a picture; empty for anything else and for one that is too large."""
    try:
        with Image.open(BytesIO(content), formats=list(LOGO_TYPES)) as image:
            if max(image.size) > LARGEST_SIDE:
                return ""
            kind = LOGO_TYPES[str(image.format)]
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return ""
    return kind
