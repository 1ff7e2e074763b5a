"""An installation to replay into, as the tests of faults have it."""

from collections.abc import Iterator

import pytest

from tests.faults.box import Box
from tests.faults.conftest import new_box


@pytest.fixture
def box() -> Iterator[Box]:
    with new_box() as box:
        yield box
