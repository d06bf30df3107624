/** The app's face: its picture or emoji; a plain sign where it has none, or does not want it beside answers. */
import { el, icon, safeAddress } from "./dom.js";

/** Its name is what a screen reader gets. @param {import("./protocol.js").App} app @param {boolean} [answering] */
export function face(app, answering = false) {
  const root = el("span", { class: "tr-face", "aria-hidden": "true" });
  const picture = safeAddress(app.icon_url);
  const emoji = app.icon && app.icon.length <= 8 ? app.icon : "";
  if (answering && app.answers === false) {
    root.append(icon("chat"));
  } else if (picture?.own) {
    const image = el("img", { src: picture.href, alt: "" });
    image.addEventListener("error", () => image.replaceWith([...(app.name ?? "").trim()][0]?.toUpperCase() ?? icon("chat")));
    root.append(image);
  } else {
    if (emoji) root.style.backgroundColor = app.background ?? ""; // takes a colour and nothing else
    root.append(emoji || icon("chat"));
  }
  return root;
}
