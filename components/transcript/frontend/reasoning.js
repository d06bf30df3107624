/** What the model thought before it answered, folded into one line with the time it took. */
import { duration } from "./clock.js";
import { fold } from "./fold.js";
import { fill } from "./labels.js";
import { isRunning } from "./protocol.js";

/** @param {import("./turn.js").Context} context @param {() => import("./thinking.js").Thinking} aloud  what stands in the answer itself */
export function reasoning(context, aloud) {
  const { labels } = context;
  let text = "";
  const show = () => {
    if (root.open && body.textContent !== text) body.textContent = text;
  };
  const { root, body, say } = fold(context, "tr-reasoning", show);
  return {
    root,
    keys: ["reasoning", "thinking", "timings", "state", "answer"],
    /** @param {import("./protocol.js").Turn} turn @param {string} answer */
    update(turn, answer) {
      text = [turn.reasoning, aloud().reasoning].filter(Boolean).join("\n\n");
      root.hidden = !text;
      if (!text) return;
      const busy = isRunning(turn.state) && (aloud().inside || !answer);
      const time = turn.timings?.reasoning;
      const done = time == null ? labels.thought : fill(labels.thought_for, { time: duration(time, labels) });
      root.title = busy || time != null ? "" : labels.thought_untimed;
      say(busy ? labels.thinking : done, busy ? "busy" : "");
      show();
    },
  };
}
