"""Marks of the end-to-end tests: `small` runs in CI, `full` is for `make test-full`."""


def pytest_configure(config):
    config.addinivalue_line("markers", "small: seconds; part of make test")
    config.addinivalue_line("markers", "full: minutes; part of make test-full")
