"""The annotations page in front of 5,000 of them: its first rows, and another filter."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

from benchmarks.answering import COMPOSER, PATIENCE, new_page
from benchmarks.processes import Process
from benchmarks.upstream import ANNOTATIONS

SHOWN = """
([act, words]) => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    const list = document.querySelector(".an-root");
    if (!list?.querySelector(".an-item")) return;
    if (!list.querySelector(".an-count").textContent.includes(words)) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  if (act === "open") document.querySelector("a[href$='/annotations']").click();
  else {
    const kinds = document.querySelector(".an-kind");
    kinds.value = act;
    kinds.dispatchEvent(new Event("change"));
  }
})
"""
"""Milliseconds from the act to rows whose count holds these words."""


def many_annotations(browser: Browser, site: Process) -> dict[str, Any]:
    page = new_page(browser)
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(site.url)
    page.locator(COMPOSER).wait_for()
    page.wait_for_timeout(1000)
    first = page.evaluate(SHOWN, ["open", f"{ANNOTATIONS:,}"])
    page.get_by_text(f"{ANNOTATIONS:,} annotations", exact=True).wait_for()
    page.wait_for_timeout(5000)  # similar questions are found
    filtered = page.evaluate(SHOWN, ["never", "1,000 of"])
    page.context.close()
    return {"first_rows": first, "filtered": filtered}
