/** The app's face: its picture or emoji; a plain sign where it has none, or does not want it beside answers. */
import { el, icon, safeAddress } from "./dom.js";

/** Its name is what a screen reader gets. @param {import("./protocol.js").App} app @param {boolean} [answering] */
export function face(app, answering = false) {
  const root = el("span", { class: "tr-face", "aria-hidden": "true" });
  if (answering && app.answers === false) return el("span", { class: "tr-face", "aria-hidden": "true" }, icon("chat"));
  const picture = safeAddress(app.icon_url);
  const plain = app.icon && app.icon.length <= 8 ? app.icon : [...(app.name ?? "").trim()][0]?.toUpperCase() ?? icon("chat");
  if (picture?.own) {
    const image = el("img", { src: picture.href, alt: "" });
    image.addEventListener("error", () => image.replaceWith(plain));
    root.append(image);
    return root;
  }
  if (app.icon) root.style.backgroundColor = app.background ?? ""; // takes a colour and nothing else
  root.append(app.icon ? plain : icon("chat"));
  return root;
}
