/** What this browser remembers about speech, and which of its tabs may begin to speak by itself. */

const REMEMBERED = 200; // answers that were heard once
const HEARD = "speech-heard";
const USED = "speech-tab";

/** Storage may be forbidden; then nothing is remembered. @param {() => any} work */
function allowed(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Speed, voice and "do not begin by yourself": the first for all apps, the others for one. */
export class SpeechWishes {
  /** @param {string} app */
  constructor(app) {
    this.app = app;
  }

  /** @param {string} name @returns {string} */
  #get(name) {
    return allowed(() => localStorage.getItem(`speech-${name}`)) ?? "";
  }

  /** @param {string} name @param {string} value */
  #set(name, value) {
    allowed(() => localStorage.setItem(`speech-${name}`, value));
  }

  get rate() {
    return Number(this.#get("rate")) || 1;
  }
  set rate(rate) {
    this.#set("rate", String(rate));
  }
  /** "" for the app's own. */
  get voice() {
    return this.#get(`voice-${this.app}`);
  }
  set voice(voice) {
    this.#set(`voice-${this.app}`, voice);
  }
  get muted() {
    return this.#get(`muted-${this.app}`) === "yes";
  }
  set muted(muted) {
    this.#set(`muted-${this.app}`, muted ? "yes" : "");
  }
}

/** Whether this tab meets the answer for the first time; asking remembers it, over reloads too. @param {string} turn */
export function firstHearing(turn) {
  const heard = allowed(() => JSON.parse(sessionStorage.getItem(HEARD) ?? "[]")) ?? [];
  if (heard.includes(turn)) return false;
  allowed(() => sessionStorage.setItem(HEARD, JSON.stringify([...heard, turn].slice(-REMEMBERED))));
  return true;
}

const tab = String(Math.random());

/** From now on a press of a key or a button makes this the tab that speaks. @returns {() => void} no more */
export function claim() {
  const listening = new AbortController();
  const options = { capture: true, passive: true, signal: listening.signal };
  const take = () => allowed(() => localStorage.setItem(USED, tab));
  if (document.hasFocus()) take();
  for (const type of ["pointerdown", "keydown", "focus"]) addEventListener(type, take, options);
  return () => listening.abort();
}

/** Whether it is: of two windows with the same conversation one is enough. */
export function claimed() {
  return (allowed(() => localStorage.getItem(USED)) ?? tab) === tab;
}
