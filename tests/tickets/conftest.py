"""Who decides about stays in these tests."""

import pytest

from tests.factories import make_user


@pytest.fixture
def admin():
    return make_user("admin")
