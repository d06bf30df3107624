/** A small popover with what an answer took and cost, and what support asks for: ids, the server's own words. */
import { copyButton } from "./clipboard.js";
import { el } from "./dom.js";
import { fill } from "./labels.js";
import { openPopover } from "./popover.js";
import { sumsOf, usageOf } from "./usage.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./turn.js").Context} Context */

/** What is known, by groups. @param {Turn} turn @param {Context} context @returns {[string, [string, string][]][]} */
function groupsOf(turn, { labels, allow, every, speech }) {
  /** @type {Record<string, unknown>} */
  const values = {
    ...usageOf(turn, labels),
    ...sumsOf(every(), labels),
    citations: allow.citations === false ? labels.citations_off : null,
    annotation_id: turn.annotation?.id,
    annotation_author: turn.annotation?.author,
    message_id: turn.message_id,
    conversation_id: turn.conversation_id,
    task_id: turn.task_id,
    speech: speech.on ? null : labels.speech_off,
    error_code: turn.error?.code,
    error_status: turn.error?.status,
    error_message: turn.error?.message,
  };
  return labels.details_groups.map(({ title, rows }) => [title, Object.entries(rows)
    .filter(([key]) => values[key] != null && values[key] !== "")
    .map(([key, name]) => /** @type {[string, string]} */ ([name, String(values[key])]))]);
}

/** @param {MouseEvent} event @param {Turn} turn @param {Context} context */
export function openDetails(event, turn, context) {
  const { labels } = context;
  openPopover(event, labels.details, context, () => {
    const groups = groupsOf(turn, context).filter(([, rows]) => rows.length);
    const lists = groups.flatMap(([title, rows]) => [title ? el("h4", { text: title }) : null, el("dl", {}, ...rows.flatMap(([name, value]) => [
      el("dt", { text: name }),
      el("dd", {}, el("span", { text: value }), copyButton(fill(labels.details_copy, { name }), () => value, context)),
    ]))].filter((part) => part !== null));
    const all = copyButton(labels.details_copy_all, () => groups.flatMap(([, rows]) => rows.map((row) => row.join(": "))).join("\n"), context);
    all.setAttribute("autofocus", "");
    return { head: [all], body: lists };
  });
}
