/** For a tab whose session has ended meanwhile: why nothing is here, and the way back to this very page. */
import { el } from "../dom.js";
import { LABELS } from "./labels.js";
import { mounting } from "./mounting.js";

class SignedOut {
  constructor() {
    const known = LABELS.account;
    const url = new URL("signin", document.baseURI);
    url.searchParams.set("next", location.pathname + location.search);
    const again = el("a", { class: "ls-button", href: url.href, target: "_self" }, known.in);
    this.root = el("div", { class: "ls-root ls-account", role: "status" }, el("p", { text: known.signed_out }), again);
  }

  update() {}

  close() {}
}

export const mount = mounting(() => new SignedOut());
