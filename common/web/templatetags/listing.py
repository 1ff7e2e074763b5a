"""Cells of lists that people work with."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.translation import inside
from common.web.listing import ListPage

register = template.Library()


@register.simple_tag(takes_context=True)
def cell(context: template.Context, name: str, *, labelled: bool = False) -> SafeString:
    """Return the attributes of a cell of the list's column `name`; on a phone it may have its title before it."""
    page: ListPage = context["page"]
    column = next(one for one in page.listing.columns if one.name == name)
    style = format_html(' class="{}"', column.style) if column.style else SafeString("")
    return style + format_html(' data-label="{}"', inside(str(column.title))) if labelled else style
