"""Limits of time, which a machine that stands still for a moment also breaks."""


class TookTooLongError(AssertionError):
    """What a rule gives so many seconds took longer, by a fault or by the machine: such a test is tried twice more."""


def assert_in_time(took: float, seconds: float) -> None:
    """Expect what took so long to have taken less than so many seconds."""
    if took >= seconds:
        raise TookTooLongError(f"took {took:.2f} s of {seconds:.2f} s")
