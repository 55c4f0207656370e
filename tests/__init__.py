"""Tests, laid out as the package is; `python -m tests.crash` finds its way by this."""
