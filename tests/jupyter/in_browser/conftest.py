"""One browser and one server of each sort for all tests of panels, which run one after another.

Both end with this folder: as long as Playwright runs, no other test of the process could run an event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser

    from tests.jupyter.visitor import Notebooks, Visitor


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    from tests.jupyter.visitor import chromium

    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebooks]:
    """A running JupyterLab."""
    from tests.jupyter import visitor as module

    server = module.lab(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Takes a picture of what somebody saw when a test failed."""
    report = yield
    visitor = getattr(item, "funcargs", {}).get("visitor")
    if report.when == "call" and report.failed and visitor is not None:
        report.sections.append(("Picture of the page", str(visitor.whole_page(f"failed-{item.name}"))))
    return report


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Somebody with a browser, of whose requests none leaves the machine."""
    from tests.jupyter.visitor import Visitor

    made = Visitor(browser)
    yield made
    made.close()
    assert made.outside == []
    assert made.errors == []
