"""The stub that Streamlit calls anew with each change of a component's data."""

from __future__ import annotations

from playwright.sync_api import Browser

from components.mounted import STUB

TWICE = """
async ([stub, ends]) => {
  const loads = [], mounted = [];
  const module = { mount: (host, data) => { mounted.push(data.number); return () => mounted.push("gone"); } };
  globalThis.load = () => new Promise((done) => loads.push(() => done(module)));
  const source = stub.replace("import(", "globalThis.load(");
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: call } = await import(address);
  const assets = "https://site.test/", parentElement = document.body;
  const leave = [1, 2].map((number) => call({ parentElement, data: [{ number, assets }] }));
  for (const end of ends) {
    loads[end]();
    await new Promise((later) => setTimeout(later));
  }
  leave[1]();
  return mounted;
}
"""


def test_the_latest_data_are_drawn_in_whatever_order_the_module_comes(browser: Browser) -> None:
    page = browser.new_page()
    for ends in ([0, 1], [1, 0]):
        assert page.evaluate(TWICE, [STUB, ends]) == [2, "gone"]
    page.close()
