/** An agent's thoughts: each call of a tool with its input and result, upserted by id, folded into one line. */
import { duration } from "./clock.js";
import { el } from "./dom.js";
import { fileList } from "./files.js";
import { block, fold, rows } from "./fold.js";
import { fill } from "./labels.js";
import { isRunning } from "./protocol.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./protocol.js").Call} Call */
/** @typedef {import("./turn.js").Context} Context */

/** @param {string} tongue */
function localeOf(tongue) {
  try {
    return tongue ? new Intl.Locale(tongue.replace("_", "-")).maximize() : null;
  } catch {
    return null; // the app's maker wrote something else
  }
}

/** The name of a tool in the reader's language: Dify writes zh_Hans where a browser says zh-CN. @param {Call} call @param {string[]} wanted */
function toolName({ tool, labels = {} }, wanted) {
  const known = new Map(Object.entries(labels).map(([tongue, label]) => [tongue.replace("_", "-").toLowerCase(), label]));
  for (const tongue of wanted) {
    const locale = localeOf(tongue);
    if (!locale) continue;
    const tries = [locale.baseName.toLowerCase(), `${locale.language}-${locale.script}`.toLowerCase(), `${locale.language}-${locale.region}`.toLowerCase()];
    const exact = tries.find((name) => known.has(name));
    const near = [...known.keys()].find((name) => name.split("-")[0] === locale.language);
    if (exact || (near && locale.language !== "zh")) return /** @type {string} */ (known.get(exact ?? near ?? ""));
  }
  return known.get("en-us") ?? known.values().next().value ?? tool;
}

/** Its icon from the app's tools; a letter where there is none, or it does not come. @param {string} tool @param {string} name @param {Context} context */
function toolIcon(tool, name, { app }) {
  const letter = () => el("span", { text: [...name.trim()][0]?.toUpperCase() ?? "?" });
  const face = el("span", { class: "tr-tool-face", "aria-hidden": "true" });
  const known = Object.hasOwn(app.tools ?? {}, tool) ? app.tools?.[tool] : null;
  if (known === "image" && app.icons) {
    const image = el("img", { alt: "", loading: "lazy", src: new URL(`${app.icons}/${encodeURIComponent(tool)}`, document.baseURI).href });
    image.addEventListener("error", () => image.replaceWith(letter()));
    face.append(image);
  } else if (known && typeof known === "object" && known.content) {
    face.style.backgroundColor = known.background ?? ""; // takes a colour and nothing else
    if (face.style.backgroundColor) face.style.color = "#1c1c1e"; // Dify's grounds are pale in both themes
    face.append([...known.content].slice(0, 8).join(""));
  } else {
    face.append(letter());
  }
  return face;
}

/** @param {Context} context */
export function thoughts(context) {
  const { labels } = context;
  const { root, body, say } = fold(context, "tr-thoughts");
  const list = el("ol");
  body.append(list);
  const wanted = [labels.locale, ...navigator.languages, context.app.language ?? ""];
  const nameOf = (/** @type {Call} */ call) => toolName(call, wanted);

  /** @param {{call: Call, busy: boolean, files: import("./protocol.js").FileEntry[], turn: string}} one */
  const callRow = ({ call, busy, files, turn }) => {
    const name = nameOf(call);
    const own = name === call.tool ? null : el("code", { class: "tr-row-side", text: call.tool });
    const state = busy ? el("span", { class: "tr-row-side", text: labels.step_states.running }) : null;
    const found = files.length ? fileList(context, labels.files) : null;
    found?.update(files, turn);
    return el("li", { class: "tr-row" }, toolIcon(call.tool, name, context), el("span", { class: "tr-row-title", text: name }), own, state,
      block(labels.input, call.input), block(labels.observation, call.observation), found?.root);
  };
  const draw = rows(list, (/** @type {any} */ row) => row.key, (row) =>
    row.call ? callRow(row) : el("li", { class: "tr-row" }, el("p", { class: "tr-row-text", text: row.text })));

  return {
    root,
    keys: ["thoughts", "state", "timings", "answer", "files"],
    /** @param {Turn} turn @param {string} answer */
    update(turn, answer) {
      const all = turn.thoughts ?? [];
      const running = isRunning(turn.state);
      const drawn = all.flatMap((thought) => {
        const text = thought.thought?.trim() ?? "";
        // What is part of the answer is not said twice.
        const own = text && !running && !answer.includes(text) ? [{ key: `${thought.id}-text`, text }] : [];
        const calls = thought.calls ?? [];
        return [...own, ...calls.map((call, place) => ({
          key: `${thought.id}-${place}`,
          call,
          turn: turn.id,
          busy: running && !call.observation && thought === all.at(-1),
          files: place < calls.length - 1 ? [] : (turn.files ?? []).filter((file) => thought.files?.includes(file.id ?? "")),
        }))];
      });
      root.hidden = !drawn.length;
      if (!drawn.length) return;
      draw(drawn);
      const calls = drawn.filter((row) => "call" in row);
      const names = [...new Set(calls.map((row) => nameOf(/** @type {any} */ (row).call)))];
      const now = calls.filter((row) => /** @type {any} */ (row).busy).map((row) => nameOf(/** @type {any} */ (row).call));
      const total = turn.timings?.total;
      const used = names.length ? fill(labels.used, { names: names.join(", ") }) : labels.thought;
      const done = total == null ? used : `${used} · ${duration(total, labels)}`;
      say(now.length ? fill(labels.using, { name: now.join(", ") }) : done, now.length ? "busy" : "");
    },
  };
}
