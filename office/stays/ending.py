"""The page that ends stays which are not there any more: one, or all that were ticked in a list."""

from collections import Counter

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from analytics.scope import scope_of
from common.errors import DomainError
from common.time import truncate
from common.web.htmx import page_response
from office.stays.end_form import EndStaysForm, PricedEnd, priced
from office.stays.stay_list import REVIEWS, STAYS, ReviewsFilter, StaysFilter, find_reviews, find_stays
from office.stays.stay_rows import stays_numbered
from tickets.models import Ticket
from tickets.services import ENDABLE, Settlement, StayEnding, end_left_unseen, end_never_was

MOST_AT_ONCE = 100
"""How many stays one form ends."""
FAILURES_SHOWN = 5
PAGES = ("stays", "reviews")
"""The lists whose ticked stays come here."""


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def end_stays(request: PersonRequest) -> HttpResponse:
    """Show what ending the chosen stays means, or end them as it was shown."""
    sent = request.POST if request.method == "POST" else request.GET
    numbers = _numbers(request.user, sent)
    if not numbers:
        messages.warning(request, _("Tick the stays that are not there any more."))
        return redirect(_list(sent))
    if len(numbers) > MOST_AT_ONCE:
        messages.error(request, _("At most %(most)s stays at once.") % {"most": MOST_AT_ONCE})
        return redirect(_list(sent))
    stays = stays_numbered(request.user, numbers)
    if not stays:
        raise Http404(_("There are no such stays."))
    if request.method == "POST" and "show" not in request.POST:
        return _end(request, stays)
    form = _priced_now(sent)
    form.is_valid()
    form.errors.pop("why", None)  # only the prices are asked for, so the reason is not missing yet
    return _show(request, stays, form, status=422 if form.errors else 200)


def _numbers(person: User, sent: QueryDict) -> list[str]:
    """Return the numbers of the ticked stays, or of all that the list's filter finds."""
    if "all" not in sent:
        return list(dict.fromkeys(sent.getlist("stay")))
    scope = scope_of(person, sent.get("lot", ""))
    form = ReviewsFilter(sent, scope) if _from(sent) == "reviews" else StaysFilter(sent, scope)
    if not form.is_valid():
        return []
    found, listing = find_stays(scope, form.cleaned_data, now()), STAYS
    if _from(sent) == "reviews":
        found, listing = find_reviews(scope, form.cleaned_data), REVIEWS
    rows = listing.all_rows(found, sent).filter(status__in=ENDABLE)
    return list(rows.values_list("number", flat=True)[: MOST_AT_ONCE + 1])


def _priced_now(sent: QueryDict) -> EndStaysForm:
    """Return the form as it was sent, with the choices that most people make, and the prices as of now."""
    usual = {"outcome": StayEnding.LEFT_UNSEEN, "when": "now", "settlement": Settlement.DEBT}
    return EndStaysForm(usual | sent.dict() | {"seen_at": truncate(now()).isoformat()})


def _show(request: PersonRequest, stays: list[Ticket], form: EndStaysForm, *, status: int = 200) -> HttpResponse:
    valid = not form.errors.keys() - {"why"}
    rows = priced(stays, form, now()) if valid else [PricedEnd(ticket) for ticket in stays]
    owed: Counter[str] = Counter()
    for row in rows:
        if row.fee and row.owed and not row.problem:
            owed[row.fee.currency] += row.owed
    context = {
        "form": form,
        "rows": rows,
        "is_priced": valid,
        "voids": valid and form.voids,
        "waives": valid and form.cleaned_data["settlement"] == Settlement.WAIVE,
        "owed": [(amount, currency) for currency, amount in sorted(owed.items())],
        "seen_at": form["seen_at"].value(),
        "endable": sum(not row.problem for row in rows),
        "back": _list(request.POST or request.GET),
        "list": _from(request.POST or request.GET),
    }
    return page_response(request, "office/stays/end.html#priced", context, status=status)


def _end(request: PersonRequest, stays: list[Ticket]) -> HttpResponse:
    form = EndStaysForm(request.POST)
    if not form.is_valid():
        return _show(request, stays, form, status=422)
    agreed = dict(zip(request.POST.getlist("stay"), request.POST.getlist("agreed"), strict=False))
    rows = priced(stays, form, now())
    if any(str(row.owed) != agreed.get(row.ticket.number) for row in rows if row.fee):
        form = _priced_now(request.POST)
        form.is_valid()
        messages.warning(request, _("Nothing is ended yet: these are the prices now. Look at them and end again."))
        return _show(request, stays, form, status=409)
    ended, failures = _end_each(rows, form, request.user)
    _tell(request, ended, failures)
    return redirect("office:stay", stays[0].number) if len(stays) == 1 else redirect(_list(request.POST))


def _end_each(rows: list[PricedEnd], form: EndStaysForm, by: User) -> tuple[int, list[str]]:
    """End each stay in a transaction of its own; return how many were, and why the others were not."""
    why, settlement = form.cleaned_data["why"], form.cleaned_data["settlement"]
    ended, failures = 0, []
    for row in rows:
        try:
            if form.voids:
                end_never_was(ticket=row.ticket, at=now(), why=why, by=by)
            else:
                left_at = form.left_at_of(row.ticket)
                end_left_unseen(
                    ticket=row.ticket,
                    left_at=left_at,
                    agreed=row.owed,
                    settlement=settlement,
                    at=now(),
                    why=why,
                    by=by,
                )
        except DomainError as error:
            failures.append(f"{row.ticket.plate or row.ticket.number}: {error.message}")
        else:
            ended += 1
    return ended, failures


def _tell(request: PersonRequest, ended: int, failures: list[str]) -> None:
    if ended:
        messages.success(request, ngettext("%d stay is ended.", "%d stays are ended.", ended) % ended)
    if failures:
        count = len(failures)
        said = [ngettext("%d stay could not be ended.", "%d stays could not be ended.", count) % count]
        said += failures[:FAILURES_SHOWN]
        if count > FAILURES_SHOWN:
            said.append(_("and %(more)s more") % {"more": count - FAILURES_SHOWN})
        messages.warning(request, " ".join(said))


def _from(sent: QueryDict) -> str:
    asked = sent.get("list")
    return next((page for page in PAGES if page == asked), PAGES[0])


def _list(sent: QueryDict) -> str:
    """Return the URL name of the list that the stays were ticked in."""
    return f"office:{_from(sent)}"
