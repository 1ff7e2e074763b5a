"""How a person wants an exported file."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from exports.models import FileFormat


class ExportForm(forms.Form):
    """The format of a file and what is mailed; `key` makes a double submit one export."""

    file_format = forms.ChoiceField(
        label=_("Format"), choices=FileFormat.choices, initial=FileFormat.CSV, widget=forms.RadioSelect
    )
    delimiter = forms.ChoiceField(
        label=_("Columns are separated by (CSV)"),
        choices=[(",", _("Comma")), (";", _("Semicolon"))],
        initial=",",
        help_text=_("Excel opens files with semicolons where a comma is the decimal sign."),
    )
    bom = forms.BooleanField(label=_("Mark it as UTF-8 for Excel (CSV)"), required=False, initial=True)
    words = forms.BooleanField(
        label=_("Column names in words"),
        required=False,
        initial=True,
        help_text=_("Otherwise the first line has the names of the API."),
    )
    mail = forms.BooleanField(label=_("Email me when it is ready"), required=False, initial=True)
    attach = forms.BooleanField(
        label=_("Attach the file to the email"), required=False, help_text=_("Only a CSV file of 1 MB at most.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
