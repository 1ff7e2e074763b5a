"""Tags of mails: facts, amounts, links and quotations, each on a line of its own."""

from django import template

from notifications.marks import ACTION, FACT, LINK, QUOTE, SUM, TOTAL, mark

register = template.Library()


@register.simple_tag
def fact(label: str, value: object) -> str:
    """Write a fact with its label."""
    return mark(FACT, label, value)


@register.simple_tag
def amount(label: str, money: object) -> str:
    """Write an amount of a list."""
    return mark(SUM, label, money)


@register.simple_tag
def total(label: str, money: object) -> str:
    """Write the sum of a list."""
    return mark(TOTAL, label, money)


@register.simple_tag
def action(label: str, link: object) -> str:
    """Write the link that most people will follow."""
    return mark(ACTION, label, link)


@register.simple_tag
def aside(label: str, link: object) -> str:
    """Write another link."""
    return mark(LINK, label, link)


@register.simple_tag
def quoted(words: object) -> str:
    """Write what a person wrote."""
    return mark(QUOTE, words)
