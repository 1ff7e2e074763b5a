"""Template tags of chapters."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from PIL import Image

register = template.Library()


@register.simple_tag
def on_page(words: str) -> SafeString:
    """Show words of a page, such as a button's, as the reader sees them there."""
    return format_html("<b>{}</b>", gettext(words))


@register.simple_tag
def picture(name: str, alt: str) -> SafeString:
    """Show a picture of a page, with what it shows in words."""
    path = f"img/help/{name}.webp"
    with Image.open(settings.BASE_DIR / "static" / path) as shown:
        width, height = shown.size
    markup = '<img class="manual-picture" src="{}" alt="{}" width="{}" height="{}">'
    return format_html(markup, static(path), alt, width, height)
