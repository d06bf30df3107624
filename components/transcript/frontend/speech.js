/** Hearing answers: while they are written, where the app speaks by itself, and any other when it is asked for. */
import { el, icon, iconButton } from "./dom.js";
import { fill } from "./labels.js";
import { Player } from "./player.js";
import { openPopover } from "./popover.js";
import { isFinal } from "./protocol.js";
import { SpeechWishes, claim, claimed, firstHearing } from "./speech_wishes.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const LONGEST_VOICE = 100;

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {{url?: string, app?: string, on?: boolean, autoplay?: boolean, voice?: string}} Options */

export class Speech {
  /** Turn whose speech came along and is heard as it comes. */
  #along = "";
  /** It was heard to its end, which was not the answer's. */
  #cut = false;

  /** @param {Options} options @param {import("./turn.js").Context} context */
  constructor(options, context) {
    this.options = options;
    this.context = context;
    this.wishes = new SpeechWishes(options.app ?? "");
    this.player = new Player(() => this.#show());
    this.listening = claim();
    this.bar = this.#bar();
  }

  /** The app can read its answers aloud. */
  get on() {
    return Boolean(this.options.on && this.options.url);
  }

  /** @param {() => Turn} current */
  button(current) {
    const { labels } = this.context;
    return iconButton("speak", labels.speak, () => this.#toggle(current()));
  }

  /** The place of a turn's player; decides whether speech that comes along is heard. */
  part() {
    const root = el("div", { class: "tr-speech" });
    return {
      root,
      keys: ["spoken", "state", "replaced"],
      /** @param {Turn} turn @param {string} _answer @param {boolean} live */
      update: (turn, _answer, live) => {
        if (this.player.name === turn.id) {
          if (turn.replaced && this.#along === turn.id) this.stop(); // what is heard was taken back
          else if (turn.state === "stopped" && this.#along === turn.id) this.stop();
          else this.#show();
        } else if (turn.spoken && live && this.#welcome(turn)) this.#play(turn, true);
      },
    };
  }

  stop() {
    this.#along = "";
    this.player.stop();
  }

  close() {
    this.listening();
    this.player.close();
  }

  /** @param {Turn} turn */
  #welcome(turn) {
    return this.on && this.options.autoplay && firstHearing(turn.id) && !this.wishes.muted && claimed();
  }

  /** @param {Turn} turn */
  #toggle(turn) {
    const { name, state } = this.player;
    const other = this.#cut || this.#address(turn.id) !== this.player.address;
    if (name !== turn.id || state === "failed" || (state === "ended" && other)) this.#play(turn, false);
    else if (state === "playing" || state === "loading") this.player.pause();
    else this.player.resume();
  }

  /** @param {string} id @param {boolean} [download] */
  #address(id, download = false) {
    const url = new URL(`${this.options.url}/${encodeURIComponent(id)}`, document.baseURI);
    const voice = this.wishes.voice;
    if (voice && voice !== this.options.voice && this.#along !== id) url.searchParams.set("voice", voice);
    if (download) url.searchParams.set("download", "");
    return url.href;
  }

  /** @param {Turn} turn @param {boolean} along */
  #play(turn, along) {
    this.#along = along && !isFinal(turn.state) ? turn.id : "";
    this.#cut = false;
    this.player.play(turn.id, this.#address(turn.id), this.wishes.rate);
  }

  // What is seen of it

  #bar() {
    const { labels } = this.context;
    this.toggle = iconButton("pause", labels.speech_pause, () => {
      const turn = this.#turn();
      if (turn) this.#toggle(turn);
    });
    this.words = el("span", { class: "tr-speech-words" });
    this.time = el("span", { class: "tr-speech-time" });
    const stop = iconButton("stop", labels.speech_stop, () => this.stop());
    this.speed = el("select", { class: "tr-select", "aria-label": labels.speech_speed, title: labels.speech_speed });
    for (const speed of SPEEDS) this.speed.append(el("option", { value: speed }, fill(labels.speech_times, { n: speed })));
    this.speed.value = String(this.wishes.rate);
    this.speed.addEventListener("change", () => (this.player.rate = this.wishes.rate = Number(this.speed.value)));
    this.save = el("a", { class: "tr-tool", "aria-label": labels.speech_download, title: labels.speech_download, download: "" }, icon("download"));
    const wishes = iconButton("tune", labels.speech_wishes, (event) => this.#openWishes(event));
    wishes.setAttribute("aria-haspopup", "dialog");
    this.control = el("div", { class: "tr-speech-bar", role: "group", "aria-label": labels.speech }, this.toggle, this.words, this.time, stop, this.speed, this.save, wishes);
    this.problem = el("p", { class: "tr-problem", role: "alert" });
    return el("div", {}, this.control, this.problem);
  }

  /** @returns {Turn|undefined} the one that is heard */
  #turn() {
    return this.context.turn(this.player.name);
  }

  #show() {
    const { player, context: { labels } } = this;
    const { state, name } = player;
    const turn = name ? this.#turn() : undefined;
    if (!turn) return this.bar.remove();
    const host = this.context.root.querySelector(`[data-turn-id="${CSS.escape(name)}"] .tr-speech`);
    if (host && this.bar.parentNode !== host) host.append(this.bar);
    const sounds = state === "playing" || state === "loading";
    const press = sounds ? labels.speech_pause : labels.speech_play;
    if (this.toggle.title !== press) {
      this.toggle.replaceChildren(icon(sounds ? "pause" : "play"));
      this.toggle.title = press;
      this.toggle.setAttribute("aria-label", press);
    }
    if (state === "ended" && this.#along === name && isFinal(turn.state)) {
      this.#cut = turn.spoken === "begun";
      this.#along = "";
    }
    const words = this.#cut && state === "ended" ? labels.speech_cut : labels.speech_states[state] ?? "";
    if (this.words.textContent !== words) this.words.textContent = words;
    this.time.textContent = state === "playing" || state === "paused" ? clock(player.time) : "";
    this.save.hidden = !isFinal(turn.state);
    this.save.href = this.#address(name, true);
    this.control.dataset.player = state;
    const codes = /** @type {Record<string, string>} */ (labels.speech_problems);
    const problem = state === "failed" ? codes[player.problem] ?? labels.speech_failed : "";
    if (this.problem.textContent !== problem) this.problem.textContent = problem;
  }

  /** @param {MouseEvent} event */
  #openWishes(event) {
    const { labels } = this.context;
    openPopover(event, labels.speech_wishes, this.context, () => {
      const voice = el("input", { type: "text", class: "tr-input", maxlength: LONGEST_VOICE, placeholder: this.options.voice || labels.speech_voice_own, autofocus: true, autocomplete: "off", spellcheck: "false" });
      voice.value = this.wishes.voice;
      voice.addEventListener("change", () => (this.wishes.voice = voice.value.trim()));
      const along = el("input", { type: "checkbox" });
      along.checked = !this.wishes.muted;
      along.addEventListener("change", () => (this.wishes.muted = !along.checked));
      const body = [el("label", { class: "tr-field" }, labels.speech_voice, voice), el("p", { class: "tr-hint", text: labels.speech_voice_hint })];
      if (this.options.autoplay) body.push(el("label", { class: "tr-check" }, along, labels.speech_along));
      return { body };
    });
  }
}

/** "1:05". @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
