"""The Chromium that browser tests and benchmarks drive: found here, or installed with --install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = (
    "chromium-headless-shell",  # the same engine without the windows' processes: a fifth less CPU for a visit
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
PACKAGES = ("chromium-headless-shell", "chromium")
UNWANTED = (
    # The browser's own pages below its address bar: two processes for each window, a third of a visit's CPU.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    # What Playwright switches off; the last such switch alone counts.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(UNWANTED),
)


def executable() -> str | None:
    """A browser of the system's, or Playwright's own; None if there is neither."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None  # noqa: PTH110


def install() -> None:
    """Debian's own package where there is apt and the right to use it, else Playwright's download."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        for package in PACKAGES:
            if subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False).returncode == 0:
                return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def launch(playwright: Playwright, *extra: str) -> Browser:
    return playwright.chromium.launch(executable_path=executable_or_fail(), args=[*ARGUMENTS, *extra])


_found: str | None = None


def executable_or_fail() -> str:
    global _found
    _found = _found or next((p for p in map(shutil.which, NAMES) if p), None) or os.environ.get("CHROMIUM")
    if not _found:
        with_own = subprocess.run(
            [sys.executable, "-m", "tests.browser.chromium"], capture_output=True, text=True, check=True
        )
        _found = with_own.stdout.strip()
    return _found


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


if __name__ == "__main__":
    if executable() is None and "--install" in sys.argv:
        install()
    path = executable()
    if path is None:
        sys.exit("No Chromium on this machine: run `make browser`.")
    print(path)
