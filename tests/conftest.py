"""What holds for every test."""

import signal


def pytest_configure() -> None:
    """Programs that a test interrupts must hear it, also where the tests themselves run in the background.

    A shell starts background programs with SIGINT ignored, and a program passes that on to those it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
