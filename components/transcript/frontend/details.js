/** A small popover with what support asks for: ids, timings, tokens, the server's own words. */
import { duration } from "./clock.js";
import { copyButton } from "./clipboard.js";
import { el, iconButton } from "./dom.js";
import { fill } from "./labels.js";

const GAP_PX = 6;

/** @param {import("./protocol.js").Turn} turn @param {import("./labels.js").Labels} labels @returns {[string, string][]} */
function rowsOf(turn, labels) {
  const { first_text, total } = turn.timings ?? {};
  const tokens = turn.usage?.total_tokens;
  /** @type {Record<string, unknown>} */
  const values = {
    message_id: turn.message_id,
    conversation_id: turn.conversation_id,
    task_id: turn.task_id,
    first_text: first_text == null ? null : duration(first_text, labels),
    total: total == null ? null : duration(total, labels),
    tokens: typeof tokens === "number" ? new Intl.NumberFormat(labels.locale || undefined).format(tokens) : null,
    error_code: turn.error?.code,
    error_status: turn.error?.status,
    error_message: turn.error?.message,
  };
  return Object.entries(labels.details_rows)
    .filter(([key]) => values[key] != null && values[key] !== "")
    .map(([key, name]) => [name, String(values[key])]);
}

/**
 * @param {MouseEvent} event the press of the button that the focus returns to
 * @param {import("./protocol.js").Turn} turn @param {import("./turn.js").Context} context
 */
export function openDetails(event, turn, context) {
  const { labels } = context;
  const opener = /** @type {HTMLButtonElement} */ (event.currentTarget);
  if (opener.popoverTargetElement) return; // it is open: the browser closes it
  event.preventDefault();
  const rows = rowsOf(turn, labels);
  const popover = el("div", { class: "tr-popover", popover: "auto", role: "dialog", "aria-label": labels.details });
  const list = el("dl", {}, ...rows.flatMap(([name, value]) => [
    el("dt", { text: name }),
    el("dd", {}, el("span", { text: value }), copyButton(fill(labels.details_copy, { name }), () => value, context)),
  ]));
  const all = copyButton(labels.details_copy_all, () => rows.map((row) => row.join(": ")).join("\n"), context);
  all.setAttribute("autofocus", "");
  const close = iconButton("close", labels.close, () => popover.hidePopover());
  popover.append(el("div", { class: "tr-panel-head" }, el("strong", { text: labels.details }), all, close), list);

  const place = () => {
    const at = opener.getBoundingClientRect();
    const size = popover.getBoundingClientRect();
    const below = at.bottom + GAP_PX;
    const top = below + size.height < innerHeight ? below : Math.max(GAP_PX, at.top - GAP_PX - size.height);
    popover.style.top = `${top}px`;
    popover.style.left = `${Math.max(GAP_PX, Math.min(at.left, innerWidth - size.width - GAP_PX))}px`;
  };
  const moved = new AbortController();
  popover.addEventListener("toggle", (/** @type {ToggleEvent} */ toggled) => {
    if (toggled.newState === "open") return;
    moved.abort();
    opener.popoverTargetElement = null;
    opener.setAttribute("aria-expanded", "false");
    popover.remove();
  });
  context.root.append(popover); // in the root, so that it inherits colours; a turn would clip it
  opener.popoverTargetElement = popover;
  opener.setAttribute("aria-expanded", "true");
  popover.showPopover();
  place();
  const options = { capture: true, passive: true, signal: moved.signal };
  addEventListener("scroll", place, options);
  addEventListener("resize", place, options);
}
