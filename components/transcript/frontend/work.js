/** What the app did before it answered: reasoning, an agent's tools, a workflow's steps. Each folds into one line. */
import { duration } from "./clock.js";
import { el, icon } from "./dom.js";
import { fill } from "./labels.js";
import { isRunning } from "./protocol.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./labels.js").Labels} Labels */
/** @typedef {import("./turn.js").Context} Context */

/** @param {Context} context @param {string} name */
function fold({ scroll }, name) {
  const line = el("span", { class: "tr-clip" });
  const summary = el("summary", { on: { click: () => scroll.release() } }, icon("chevron"), line);
  const body = el("div", { class: "tr-fold-body" });
  const root = el("details", { class: `tr-fold ${name}`, hidden: true }, summary, body);
  return {
    root,
    body,
    /** @param {string} words @param {boolean} busy */
    say(words, busy) {
      if (line.textContent !== words) line.textContent = words;
      root.classList.toggle("tr-busy", busy);
      root.hidden = false;
    },
  };
}

/** @param {string} name @param {string|undefined|null} text */
const block = (name, text) =>
  text ? el("div", { class: "tr-block" }, el("span", { class: "tr-label", text: name }), el("pre", { text, tabindex: "0" })) : null;

/** @param {Context} context */
export function reasoning(context) {
  const { labels } = context;
  const { root, body, say } = fold(context, "tr-reasoning");
  return {
    root,
    keys: ["reasoning", "timings", "state"],
    /** @param {Turn} turn */
    update(turn) {
      root.hidden = !turn.reasoning;
      if (!turn.reasoning) return;
      const thinking = turn.state === "waiting";
      const time = turn.timings?.first_text;
      const done = time == null ? labels.thought : fill(labels.thought_for, { time: duration(time, labels) });
      say(thinking ? labels.thinking : done, thinking);
      if (body.textContent !== turn.reasoning) body.textContent = turn.reasoning;
    },
  };
}

/** Dify joins the tools of one thought by ";". @param {Turn} turn */
const toolsOf = (turn) => [...new Set((turn.thoughts ?? []).flatMap((thought) => thought.tool?.split(";") ?? []).filter(Boolean))];

/** @param {import("./protocol.js").Thought} thought @param {string} answer @param {Labels} labels */
function thoughtRow(thought, answer, labels) {
  const own = thought.thought && !answer.includes(thought.thought.trim()) ? thought.thought : "";
  if (!own && !thought.tool) return null;
  const title = thought.tool ? el("span", { class: "tr-row-title", text: thought.tool.split(";").join(", ") }) : null;
  const words = own ? el("p", { class: "tr-row-text", text: own }) : null;
  const blocks = [block(labels.input, thought.tool_input), block(labels.observation, thought.observation)];
  return el("li", { class: "tr-row" }, title, words, ...blocks);
}

/** @param {Context} context */
export function thoughts(context) {
  const { labels } = context;
  const { root, body, say } = fold(context, "tr-thoughts");
  return {
    root,
    keys: ["thoughts", "state", "timings", "answer"],
    /** @param {Turn} turn @param {string} answer */
    update(turn, answer) {
      const tools = toolsOf(turn);
      root.hidden = !tools.length;
      if (!tools.length) return;
      const last = turn.thoughts?.at(-1);
      const busy = isRunning(turn.state) && Boolean(last?.tool) && !last?.observation;
      const total = turn.timings?.total;
      const used = fill(labels.used, { names: tools.join(", ") });
      const done = total == null ? used : `${used} · ${duration(total, labels)}`;
      say(busy ? fill(labels.using, { name: last?.tool?.split(";").join(", ") ?? "" }) : done, busy);
      const rows = (turn.thoughts ?? []).map((thought) => thoughtRow(thought, answer, labels)).filter(Boolean);
      body.replaceChildren(el("ol", {}, ...rows));
    },
  };
}

/** @param {import("./protocol.js").Step} step @param {number} depth @param {Labels} labels */
function stepRow(step, depth, labels) {
  const kind = step.kind === "iteration" ? labels.iteration : step.kind === "loop" ? labels.loop : "";
  const state = labels.step_states[step.state] ?? step.state;
  const side = step.elapsed == null ? state : `${state} · ${duration(step.elapsed, labels)}`;
  return el("li", { class: "tr-row tr-step", "data-step": step.state, "data-depth": Math.min(depth, 3) },
    el("span", { class: "tr-row-title" }, step.title || kind || step.id),
    el("span", { class: "tr-row-side", text: side }),
    step.error ? el("p", { class: "tr-row-text", text: step.error }) : null);
}

/** @param {Context} context */
export function steps(context) {
  const { labels } = context;
  const { root, body, say } = fold(context, "tr-steps");
  return {
    root,
    keys: ["steps", "state"],
    /** @param {Turn} turn */
    update(turn) {
      const all = turn.steps ?? [];
      root.hidden = !all.length;
      if (!all.length) return;
      const byId = new Map(all.map((step) => [step.id, step]));
      const depthOf = (/** @type {typeof all[0]} */ step) => {
        let depth = 0;
        for (let up = byId.get(step.parent ?? ""); up && depth < 3; up = byId.get(up.parent ?? "")) depth += 1;
        return depth;
      };
      const current = all.findLast((step) => step.state === "running");
      const busy = isRunning(turn.state) && Boolean(current);
      const seconds = all.reduce((sum, step) => sum + (step.parent ? 0 : step.elapsed ?? 0), 0);
      const count = all.length === 1 ? labels.step_done : fill(labels.steps_done, { n: all.length });
      const done = seconds ? `${count} · ${duration(seconds, labels)}` : count;
      say(busy ? fill(labels.step_running, { name: current?.title ?? "" }) : done, busy);
      body.replaceChildren(el("ol", {}, ...all.map((step) => stepRow(step, depthOf(step), labels))));
    },
  };
}
