"""QR codes of links, drawn into pages."""

from django.utils.safestring import SafeString, mark_safe


def qr_svg(link: str) -> SafeString:
    """Return the QR code of one of our own links as SVG."""
    import segno  # slow to import, and few processes need it

    code = segno.make(link, error="m", micro=False)
    return mark_safe(code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308 - our own link
