"""Headless Chromium, which reaches this machine and nothing else, and the notebook servers that it looks at."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from orthanc_state.testing.probe import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playwright.sync_api import Browser, Locator, Page, Route

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW = "Chromium is missing: install it (Debian and Ubuntu: apt-get install chromium), or set CHROMIUM to its path."
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
KERNEL_IS_READY = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.status === "idle" && kernel?.connectionStatus === "connected";
}"""
SETTINGS: dict[str, dict[str, Any]] = {
    # All cells are on the page, be it longer than the window.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    # The worst that can be saved is.
    "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
}
READY = 60.0
"""Seconds in which a notebook server has to answer."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(HOW, pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Notebooks:
    """A server of notebooks: JupyterLab or Voila.

    Args:
        command: How it is started, without what follows from the folder.
        folder: Its home; the notebooks are in it.
        variables: Further variables of its environment.
    """

    def __init__(self, command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("ORTHANC_", "JUPYTER"))}
        environment |= {
            "HOME": str(folder / "home"),
            "IPYTHONDIR": str(folder / "home" / "ipython"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_PATH": str(ROOT / "orthanc_state" / "jupyter" / "share"),
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(folder / "state"),
            **(variables or {}),
        }
        for name in ("home", "config/labconfig", "data", "runtime"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        # The popup that asks whether news may be fetched.
        disabled = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        (folder / "config" / "labconfig" / "page_config.json").write_text(json.dumps(disabled))
        for name, setting in SETTINGS.items():
            path = folder / "config" / "lab" / "user-settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(setting))
        self._log = (folder / "server.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command, f"--port={self.port}"],
            cwd=folder,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + READY
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "server.log").read_text()[-3000:]
                    pytest.fail(f"the notebook server does not answer:\n{log}", pytrace=False)
            time.sleep(0.1)

    def stop(self) -> None:
        """End it, with its kernels."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def write(self, name: str, *cells: str) -> Path:
        """Write a notebook."""
        code: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "cells": [{**code, "id": f"cell-{number}", "source": cell} for number, cell in enumerate(cells)],
        }
        path = self.folder / name
        path.write_text(json.dumps(notebook))
        return path


class Visitor:
    """Somebody who looks at notebooks with a browser that reaches this machine only.

    Args:
        browser: The browser.

    Attributes:
        outside: The addresses of requests that would have left the machine; each was blocked.
        errors: What went wrong in the scripts of the pages.
    """

    def __init__(self, browser: Browser) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []
        self._context = browser.new_context(viewport={"width": 1280, "height": 1900})
        self._context.set_default_timeout(40_000)
        self._context.route("**/*", self._let_pass)
        self.page: Page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _let_pass(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.hostname in ("127.0.0.1", "localhost") or address.scheme in ("data", "blob"):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def open_lab(self, lab: Notebooks, notebook: Path) -> None:
        """Open a notebook in JupyterLab and run all of its cells."""
        self.page.goto(f"{lab.url}/doc/workspaces/{notebook.stem}/tree/{notebook.name}")
        # The indicator on the page says `idle` also before there is a kernel.
        self.page.wait_for_function(KERNEL_IS_READY)
        self.run("notebook:run-all-cells")

    def run(self, command: str, **arguments: Any) -> None:
        """Run a command of JupyterLab."""
        # Not waited for: it is done when all cells are.
        script = "([name, more]) => { window.jupyterapp.commands.execute(name, more); }"
        self.page.evaluate(script, [command, arguments])

    def panel(self, name: str) -> Locator:
        """A panel on the page, by its name."""
        return self.page.locator(f".orthanc-{name} .orthanc-panel").first

    def picture(self, name: str, of: Locator) -> None:
        """Take a picture of something."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        of.scroll_into_view_if_needed()
        of.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    def violations(self, name: str) -> list[str]:
        """What axe finds wrong with a panel, by the rules of WCAG 2.1 A and AA."""
        from axe_playwright_python.sync_playwright import Axe

        rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
        found = Axe().run(self.page, context=f".orthanc-{name} .orthanc-panel", options=rules)
        return [
            f"{name}: {each['id']} {node['html'][:200]} {node['failureSummary']}"
            for each in found.response["violations"]
            for node in each["nodes"]
        ]

    def whole_page(self, name: str) -> Path:
        """Take a picture of all that is on the page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path


def lab(folder: Path) -> Notebooks:
    """JupyterLab."""
    command = (
        "jupyterlab",
        "--no-browser",
        "--ServerApp.token=",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.allow_root=True",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )
    return Notebooks(command, folder)


def voila(folder: Path, notebook: Path, variables: Mapping[str, str]) -> Notebooks:
    """Voila, which shows one notebook."""
    command = ("voila", str(notebook), "--no-browser", "--Voila.ip=127.0.0.1", "--show_tracebacks=True")
    return Notebooks(command, folder, variables)
