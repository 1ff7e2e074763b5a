"""The passes that an operator sells."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from lots.models import Lot
from passes.models.terms import PassTerms


class PassOffer(PassTerms):
    """A pass as it is sold, for some lots of one currency; one that is not `online` is sold by the operator's people.

    The lot whose books its charges belong to is the first by key. `terms` are read before it is bought. A change
    touches none of the passes that were sold.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="pass_offers")
    name = models.CharField(max_length=80)
    terms = models.TextField(blank=True)
    lots = models.ManyToManyField(Lot, related_name="pass_offers")
    online = models.BooleanField(_("sold online"), default=False)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta(PassTerms.Meta):
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
