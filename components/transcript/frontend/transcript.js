/**
 * The transcript component: mounts into an element of the page, draws a conversation's turns and follows its stream.
 *
 * Streamlit calls `mount` again at every rerun that changes something near it; for the same data nothing happens.
 */
import { dye } from "./accent.js";
import { Announcer } from "./announcer.js";
import { refreshTimes } from "./clock.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { el, icon } from "./dom.js";
import { dress } from "./dress.js";
import { Find } from "./find.js";
import { Focus } from "./focus.js";
import { FollowUps } from "./follow_ups.js";
import { Frames } from "./frames.js";
import { labelsOf } from "./labels.js";
import { leaving } from "./leaving.js";
import { Live } from "./live.js";
import { tell } from "./news.js";
import { Older } from "./older.js";
import { Opening } from "./opening.js";
import { Queue } from "./queue.js";
import { Reach } from "./reach.js";
import { Recordings } from "./recordings.js";
import { Scroll } from "./scroll.js";
import { Speech } from "./speech.js";
import { Stop } from "./stop.js";
import { followTheme } from "./theme.js";

/** @typedef {(name: "done"|"act", value: object) => void} Emit */
/** @typedef {{said: string, transcript: Transcript, leaving: number}} Mounted */

/** @type {WeakMap<Element, Mounted>} */
const mounts = new WeakMap();

class Transcript {
  /** The day that the times on the screen speak of. */
  #day = new Date().toDateString();
  #listening = new AbortController();
  /** Known to the site, and nothing in it when it was last said whole. */
  #unread = false;
  #unasked = false;

  /** @param {HTMLElement} element @param {import("./protocol.js").Data} data @param {Emit} emit */
  constructor(element, data, emit) {
    this.emit = emit;
    this.data = data;
    const labels = (this.labels = labelsOf(data.labels));
    const at = (/** @type {string} */ path) => new URL(path, document.baseURI).href;

    this.root = el("div", { class: "tr-root" });
    this.log = el("div", { class: "tr-log", role: "log", "aria-label": labels.log, "aria-live": "off" });
    dress(data.assets, element, ["style.css", "answer.css", "markdown.css"]);
    element.append(this.root);
    this.frames = new Frames();
    this.announcer = new Announcer();
    this.latest = el("button", { type: "button", class: "tr-latest", hidden: true, on: { click: () => this.scroll.stick() } },
      icon("down"), labels.latest);
    this.scroll = new Scroll(this.root, (far) => (this.latest.hidden = !far));
    /** @type {import("./turn.js").Context} */
    const context = {
      root: this.root, labels, app: data.app ?? {}, allow: data.allow ?? {},
      frames: this.frames, scroll: this.scroll, announcer: this.announcer,
      turns: at(data.turns),
      files: at(data.files),
      every: () => this.conversation.views.map((view) => view.turn),
      act: (intent) => this.emit("act", intent),
      busy: () => this.conversation.running !== null,
      turn: (id) => this.conversation.views.find((view) => view.turn.id === id)?.turn,
    };
    context.speech = this.speech = new Speech({ ...data.speech, url: data.speech?.url && at(data.speech.url) }, context);
    this.followUps = new FollowUps(context);
    this.queue = new Queue(context);
    this.opening = new Opening(data.opening ?? {}, context);
    this.conversation = new Conversation(context, {
      done: (end) => this.#done(end),
      changed: () => this.#changed(),
    });
    this.older = new Older(at(data.turns), (page) => {
      this.conversation.prepend(page.turns);
      this.find.look();
    }, context);
    this.find = new Find(data.find, this.conversation, this.older, this.scroll);
    this.stop = new Stop(at(data.stop), context);
    this.notice = el("p", { class: "tr-notice", hidden: true });
    this.reach = new Reach(this.log, labels, {
      unasked: () => this.#unasked,
      run: () => this.emit("done", {}),
      empty: () => this.#empty(),
    });
    this.skeleton = el("div", { class: "tr-skeleton", "aria-hidden": "true" }, el("i"), el("i"), el("i"));

    this.log.append(this.older.root, this.opening.root, this.conversation.root, this.queue.root, this.followUps.root, this.skeleton);
    this.problem = el("p", { class: "tr-pill", role: "alert" });
    this.composer = new Composer(data.key, {
      newline: Boolean(data.allow?.newline),
      queries: () => [...this.conversation.views.map(({ turn }) => turn), ...this.queue.waiting].map(({ id, query = "" }) => ({ id, query })),
      complain: (failed) => (this.problem.textContent = failed ? labels.file_failed : ""),
    });
    this.recordings = new Recordings();
    const foot = el("div", { class: "tr-foot" }, this.reach.pill, this.problem, this.latest, this.stop.root);
    this.root.append(this.announcer.root, this.log, this.notice, foot);
    this.focus = new Focus(this.root, () => this.composer.field);
    followTheme(this.root, [this.root, this.log], () => dye(this.root, data.app ?? {}));
    document.addEventListener("transcript-find", (event) => this.#find(/** @type {CustomEvent} */ (event).detail), { signal: this.#listening.signal });
    this.live = new Live(at(data.live), {
      snapshot: (snapshot) => this.#snapshot(snapshot),
      text: (index, text) => this.conversation.text(index, text),
      turn: (part) => this.conversation.turn(part),
      end: (end) => this.conversation.end(end),
      notice: (notice) => this.#note(notice),
      queue: (line) => {
        this.queue.take(line);
        this.composer.settle();
      },
      title: () => this.#tell({ stale: true }),
      connection: (connection) => this.reach.take(connection),
      tick: () => this.#tick(element),
    });
  }

  /** @param {import("./protocol.js").Snapshot} snapshot */
  #snapshot({ turns, older = null, notice = null, opening = null, conversation_id = null }) {
    this.skeleton.remove();
    this.id = conversation_id;
    this.#unasked = !conversation_id && !turns.length;
    this.#unread = Boolean(notice) && !turns.length;
    if (opening !== null) this.opening.restate(opening);
    this.conversation.replace(turns, older !== null);
    // Older pages that stayed have a cursor of their own, or reach back to the beginning.
    if (this.conversation.views[0]?.turn.id === turns[0]?.id) this.older.cursor = older;
    this.#changed();
    this.#note(notice);
    this.find.look();
    // It ended before anything of it was seen here: whoever drew the page did not know its id yet.
    if (this.#named()) this.#tell({ stale: true });
  }

  /** @param {{turn: string, state: import("./protocol.js").State}} end */
  #done(end) {
    this.id ??= this.conversation.views.at(-1)?.turn.conversation_id ?? null;
    this.#named();
    this.#tell({ running: false, stale: true });
    if (this.data.hears) this.emit("done", end);
  }

  /** Puts the id that Dify gave into the address. @returns {boolean} whether the address had only the key so far */
  #named() {
    const address = new URL(location.href);
    if (!this.id || address.searchParams.get("c") !== `~${this.data.key}`) return false;
    address.searchParams.set("c", this.id);
    history.replaceState(history.state, "", address);
    return true;
  }

  /** @param {import("./news.js").News} news */
  #tell(news) {
    tell({ key: this.data.key, id: this.id, ...news });
  }

  /** Turns came or went, or one began or ceased to run. */
  #changed() {
    const { running, views } = this.conversation;
    if (views.length) this.#unasked = false;
    // A conversation of which nothing could be read is none that begins.
    this.opening.update(views.length, this.#unread || this.older.cursor !== null);
    this.followUps.update(views.at(-1)?.turn);
    this.queue.update(running !== null);
    this.composer.settle();
    this.stop.offer(running?.turn.id ?? null);
    if (this.root.toggleAttribute("data-running", running !== null)) this.#tell({ running: true });
    for (const retry of this.root.querySelectorAll(".tr-retry")) retry.disabled = running !== null;
  }

  /** @param {import("./protocol.js").Notice|null} notice */
  #note(notice) {
    const words = notice && this.labels.errors[notice.code];
    this.notice.hidden = !notice;
    this.notice.replaceChildren(...(notice ? [icon("info"), words ? `${words.title} ${words.advice}` : notice.message] : []));
  }

  /** The page has run: what was not known before may be now. */
  looked() {
    this.scroll.refresh();
    if (this.reach.hasten()) this.live.hasten();
  }

  #empty() {
    this.skeleton.remove();
    this.conversation.replace([], false);
    this.#changed();
  }

  /** Another part of the page wants a message to be seen. @param {string} message its id */
  #find(message) {
    this.find.close();
    this.root.querySelector(".tr-found")?.classList.remove("tr-found");
    this.find = new Find(message, this.conversation, this.older, this.scroll);
    this.find.look();
  }

  /** @param {HTMLElement} element */
  #tick(element) {
    if (!element.isConnected) return leave(element);
    this.scroll.refresh();
    const today = new Date().toDateString();
    if (today !== this.#day) refreshTimes(this.root, this.labels);
    this.#day = today;
  }

  close() {
    const { live, find, speech, stop, composer, recordings, older, followUps, scroll, focus } = this;
    this.#listening.abort();
    for (const part of [live, find, speech, stop, composer, recordings, older, followUps, scroll, focus]) part.close();
    this.conversation.destroy();
    this.opening.destroy();
    this.frames.close();
    this.root.remove();
  }
}

/** @param {HTMLElement} element */
function leave(element) {
  const mounted = mounts.get(element);
  if (!mounted) return;
  clearTimeout(mounted.leaving);
  mounts.delete(element);
  mounted.transcript.close();
}

/**
 * @param {HTMLElement} element the transcript makes its own root in it
 * @param {import("./protocol.js").Data} data
 * @param {Emit} emit newest one wins
 * @returns {() => void} unmount
 */
export function mount(element, data, emit) {
  const said = JSON.stringify(data);
  let mounted = mounts.get(element);
  if (mounted?.said === said) {
    clearTimeout(mounted.leaving);
    mounted.transcript.emit = emit;
    mounted.transcript.looked();
  } else {
    leave(element);
    mounted = { said, transcript: new Transcript(element, data, emit), leaving: 0 };
    mounts.set(element, mounted);
  }
  return leaving(element, mounts, leave);
}
