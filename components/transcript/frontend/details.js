/** A small popover with what support asks for: ids, timings, tokens, the server's own words. */
import { duration } from "./clock.js";
import { copyButton } from "./clipboard.js";
import { el } from "./dom.js";
import { fill } from "./labels.js";
import { openPopover } from "./popover.js";

/** @param {import("./protocol.js").Turn} turn @param {import("./turn.js").Context} context @returns {[string, string][]} */
function rowsOf(turn, context) {
  const { labels } = context;
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
    speech: context.speech.on ? null : labels.speech_off,
    error_code: turn.error?.code,
    error_status: turn.error?.status,
    error_message: turn.error?.message,
  };
  return Object.entries(labels.details_rows)
    .filter(([key]) => values[key] != null && values[key] !== "")
    .map(([key, name]) => [name, String(values[key])]);
}

/** @param {MouseEvent} event @param {import("./protocol.js").Turn} turn @param {import("./turn.js").Context} context */
export function openDetails(event, turn, context) {
  const { labels } = context;
  openPopover(event, labels.details, context, () => {
    const rows = rowsOf(turn, context);
    const list = el("dl", {}, ...rows.flatMap(([name, value]) => [
      el("dt", { text: name }),
      el("dd", {}, el("span", { text: value }), copyButton(fill(labels.details_copy, { name }), () => value, context)),
    ]));
    const all = copyButton(labels.details_copy_all, () => rows.map((row) => row.join(": ")).join("\n"), context);
    all.setAttribute("autofocus", "");
    return { head: [all], body: [list] };
  });
}
