/** A workflow's steps: nodes, iterations and loops with their rounds, the log of an agent inside its node; folded into one line. */
import { duration } from "./clock.js";
import { el, icon } from "./dom.js";
import { fold, rows } from "./fold.js";
import { fill } from "./labels.js";
import { isRunning } from "./protocol.js";
import { stepData } from "./step_data.js";

/** @typedef {import("./protocol.js").Step} Step */
/** @typedef {import("./turn.js").Context} Context */
/** @typedef {{step: Step, inner: {round: number|null, steps: Node[]}[]}} Node  a step and what ran in it, by rounds */

const SYMBOLS = { succeeded: "check", failed: "error", exception: "error", retry: "retry", stopped: "stop", paused: "stop" };
const DEEPEST = 6;
const SHORTEST = 0.05; // seconds worth telling

/** @param {Step[]} steps @returns {Node[]} */
export function nested(steps) {
  const nodes = steps.map((step) => /** @type {Node} */ ({ step, inner: [] }));
  const rounds = nodes.filter(({ step }) => step.kind === "iteration" || step.kind === "loop");
  const around = new Map(rounds.map((node) => [node.step.node_id ?? node.step.id, node]));
  /** @type {Map<string|undefined, Node>} what a line of a log may stand in; an id beats the name of a node */
  const logged = new Map(nodes.filter(({ step }) => step.kind === "node").map((node) => [node.step.node_id, node]));
  for (const node of nodes) if (node.step.kind === "node" || node.step.kind === "log") logged.set(node.step.id, node);
  const top = [];
  for (const node of nodes) {
    const parent = (node.step.kind === "log" ? logged : around).get(node.step.parent ?? "");
    if (!parent || parent === node) {
      top.push(node);
      continue;
    }
    const number = node.step.round ?? null;
    let round = parent.inner.find((one) => one.round === number);
    if (!round) parent.inner.push((round = { round: number, steps: [] }));
    round.steps.push(node);
  }
  return top;
}

/** @typedef {(step: Step) => ReturnType<ReturnType<typeof stepData>>} DataOf */

/** @param {Node} node @param {Context["labels"]} labels @param {DataOf} dataOf @param {number} depth @returns {HTMLElement} */
function row({ step, inner }, labels, dataOf, depth = 0) {
  const kind = step.kind === "iteration" ? labels.iteration : step.kind === "loop" ? labels.loop : "";
  const state = labels.step_states[/** @type {keyof typeof labels.step_states} */ (step.state)] ?? step.state;
  const count = new Intl.NumberFormat(labels.locale || undefined);
  const rounds = new Set(inner.map((one) => one.round)).size;
  const side = [
    rounds > 1 ? fill(labels.rounds, { n: rounds }) : "",
    step.retries ? fill(step.retries === 1 ? labels.retry_count : labels.retries_count, { n: step.retries }) : "",
    step.tokens ? fill(labels.tokens_count, { n: count.format(step.tokens) }) : "",
    step.elapsed == null || step.elapsed < SHORTEST ? "" : duration(step.elapsed, labels),
  ].filter(Boolean).join(" · ");
  const symbol = SYMBOLS[/** @type {keyof typeof SYMBOLS} */ (step.state)];
  const sign = el("span", { class: "tr-step-sign", role: "img", "aria-label": state, title: state }, symbol ? icon(/** @type {any} */ (symbol)) : el("i", { class: "tr-spark" }));
  const deeper = depth < DEEPEST ? inner.map(({ round, steps }) => el("li", { class: "tr-round" },
    round === null || rounds < 2 ? null : el("span", { class: "tr-label", text: fill(labels.round, { n: round + 1 }) }),
    el("ol", {}, ...steps.map((one) => row(one, labels, dataOf, depth + 1))))) : [];
  const title = step.title || kind || step.node_type || step.id;
  const data = step.details ? dataOf(step) : null;
  return el("li", { class: "tr-row tr-step", "data-step": step.state }, sign,
    data ? data.button(step, title) : el("span", { class: "tr-row-title", text: title }),
    side ? el("span", { class: "tr-row-side", text: side }) : null,
    step.error ? el("p", { class: "tr-row-text", text: step.error }) : null,
    data?.panel,
    deeper.length ? el("ol", { class: "tr-rounds" }, ...deeper) : null);
}

/** @param {Context} context */
export function steps(context) {
  const { labels, allow } = context;
  const { root, body, say } = fold(context, "tr-steps");
  const list = el("ol");
  body.append(list);
  let shown = "";
  const quiet = allow.steps === false; // the app's maker wants them out of sight
  const known = stepData(context);
  const drawn = (/** @type {Node} */ node) => row(node, labels, (step) => known(shown, step));
  const draw = rows(list, (/** @type {Node} */ node) => `${node.step.kind}-${node.step.id}`, drawn);
  return {
    root,
    keys: ["steps", "state"],
    /** @param {import("./protocol.js").Turn} turn */
    update(turn) {
      const all = (turn.steps ?? []).map((step) => (quiet ? { ...step, details: false } : step));
      const nodes = all.filter((step) => step.kind !== "log");
      shown = turn.id;
      root.hidden = !all.length;
      if (!all.length) return;
      const top = nested(all);
      draw(top);
      const current = all.findLast((step) => step.state === "running" || step.state === "retry");
      const failed = nodes.find((step) => step.state === "failed");
      const seconds = top.reduce((sum, { step }) => sum + (step.elapsed ?? 0), 0);
      const time = seconds >= SHORTEST ? ` · ${duration(seconds, labels)}` : "";
      if (isRunning(turn.state) && current) {
        return say(quiet || !current.title ? labels.working : fill(labels.step_running, { name: current.title }), "busy");
      }
      if (failed && turn.state === "failed" && !quiet) return say(fill(labels.failed_at, { name: failed.title || failed.id }) + time, "failed");
      say((nodes.length === 1 ? labels.step_done : fill(labels.steps_done, { n: nodes.length })) + time, "");
    },
  };
}
