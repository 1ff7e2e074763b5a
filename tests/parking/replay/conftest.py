"""An installation to replay into, as the tests of faults have it."""

from tests.faults.conftest import box, data

__all__ = ["box", "data"]
