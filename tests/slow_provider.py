"""A card provider as far away as real ones are; saved cards name it by its dotted path."""

import time

from billing.providers import CardOutcome, CardRequest
from billing.providers.simulated import SimulatedProvider

NAME = "tests.slow_provider.SlowProvider"
SECONDS = 0.3


class SlowProvider(SimulatedProvider):
    """The simulated provider, 300 ms away."""

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        time.sleep(SECONDS)
        return super().charge(request, timeout=timeout)
