/** Who is signed in; under it the password's page, and signing out, here or everywhere. */
import { forget } from "../drafts.js";
import { el, icon } from "../dom.js";
import { LABELS } from "./labels.js";
import { mounting } from "./mounting.js";

const OUT = "signed-out";
const PERSON = "person";

/** Nothing that was typed stays in this browser, and no other tab of it goes on. */
function leave() {
  forget();
  location.assign(new URL("signin", document.baseURI));
}

class Account {
  #listening = new AbortController();

  /** @param {{person: string, role: string}} data */
  constructor({ person, role }) {
    const known = LABELS.account;
    const before = localStorage.getItem(PERSON);
    if (before !== null && before !== person) forget(false);
    localStorage.setItem(PERSON, person);
    const password = el("a", { class: "ls-button", href: new URL("password", document.baseURI).href, target: "_self" }, known.password);
    this.buttons = [false, true].map((everywhere) =>
      el("button", { type: "button", class: "ls-button", on: { click: () => this.#signOut(everywhere) } }, everywhere ? known.out_everywhere : known.out));
    this.problem = el("p", { class: "ls-problem", role: "alert" });
    const who = el("summary", {}, icon("person"), el("bdi", { class: "ls-clip", text: person }));
    const ways = el("div", { class: "ls-account" }, el("p", { class: "ls-note", text: role }), password, ...this.buttons, this.problem);
    this.root = el("div", { class: "ls-root" }, el("details", { class: "ls-person" }, who, ways));
    addEventListener("storage", ({ key, newValue }) => key === OUT && newValue && leave(), { signal: this.#listening.signal });
  }

  update() {}

  /** @param {boolean} everywhere */
  async #signOut(everywhere) {
    for (const button of this.buttons) button.disabled = true;
    this.problem.textContent = "";
    let done = false;
    try {
      const body = new URLSearchParams(everywhere ? { everywhere: "1" } : {});
      done = (await fetch(new URL("signout", document.baseURI), { method: "POST", body, cache: "no-store" })).ok;
    } catch {
      // said below
    }
    if (!done) {
      this.problem.textContent = LABELS.account.failed;
      for (const button of this.buttons) button.disabled = false;
      return;
    }
    localStorage.setItem(OUT, String(Date.now())); // told to the other tabs
    leave();
  }

  close() {
    this.#listening.abort();
  }
}

export const mount = mounting((data) => new Account(data));
