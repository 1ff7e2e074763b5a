from django.apps import AppConfig


class LotsConfig(AppConfig):
    name = "lots"

    def ready(self) -> None:
        """Let changes of lots drop what is kept of them."""
        from accounts.models import Operator
        from common.two_level_cache import dropped_by_changes_of
        from lots.models import Gate, Level, Lot

        dropped_by_changes_of(Operator, Lot, Level, Gate)
