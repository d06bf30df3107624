/**
 * The life of the conversation's event stream.
 *
 * Open while the tab is seen (browsers allow six streams per host over HTTP/1.1), closed some seconds after it is
 * hidden, opened again where it stopped. EventSource gives up for good on any status but 200 and sends Last-Event-ID
 * only when it reconnects by itself, so every reopening is ours: it names the position as `?last=`.
 */
import { Position } from "./position.js";

const HIDDEN_GRACE_MS = 5_000;
const QUIET_LOSS_MS = 2_000; // a shorter interruption is nobody's business
const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 8_000;
const TICK_MS = 5_000;
const SLEPT_MS = 30_000; // a tick this late means that the machine slept and the socket is gone, silently
const NOT_OURS = new Set([401, 403, 404, 410]);

/** @typedef {"connected"|"lost"|"gone"|"signed_out"} Connection  lost: for longer than a moment; gone: not this person's */
/**
 * @typedef {object} Handlers
 * @property {(snapshot: import("./protocol.js").Snapshot) => void} snapshot
 * @property {(index: number, text: string) => boolean} text   false: no such turn, a new snapshot is needed
 * @property {(part: import("./protocol.js").Turn) => boolean|void} turn   false: as above
 * @property {(end: {index: number, id: string, state: import("./protocol.js").State}) => void} end
 * @property {(notice: import("./protocol.js").Notice|null) => void} notice
 * @property {(line: import("./queue.js").Line) => void} queue
 * @property {() => void} title   the conversation may have another name now
 * @property {(connection: Connection) => void} connection
 * @property {() => void} tick   every few seconds while the tab is seen
 */

export class Live {
  /** @type {EventSource|null} */
  #source = null;
  /** @type {AbortController|null} */
  #probe = null;
  #position = new Position();
  #delay = FIRST_DELAY_MS;
  #reopen = 0;
  #lost = 0;
  #hide = 0;
  #ticked = Date.now();
  #listening = new AbortController();

  /** @param {string} url absolute @param {Handlers} handlers */
  constructor(url, handlers) {
    this.url = url;
    this.handlers = handlers;
    const { signal } = this.#listening;
    document.addEventListener("visibilitychange", () => this.#onVisibility(), { signal });
    addEventListener("pagehide", () => this.#disconnect(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#connect(), { signal });
    addEventListener("online", () => this.#connect(), { signal });
    this.ticking = window.setInterval(() => this.#onTick(), TICK_MS);
    if (!document.hidden) this.#connect();
  }

  close() {
    this.#listening.abort();
    clearInterval(this.ticking);
    clearTimeout(this.#hide);
    this.#leave();
  }

  /** Try again now, if it is only a matter of time. */
  hasten() {
    if (!this.#source) this.#connect();
  }

  #onVisibility() {
    clearTimeout(this.#hide);
    if (document.hidden) this.#hide = window.setTimeout(() => this.#leave(), HIDDEN_GRACE_MS);
    else if (!this.#source) this.#connect();
  }

  #onTick() {
    const now = Date.now();
    const slept = now - this.#ticked > SLEPT_MS;
    this.#ticked = now;
    if (document.hidden) return;
    if (slept) this.#connect();
    this.handlers.tick();
  }

  /** Nobody is looking: closed without a word. */
  #leave() {
    this.#disconnect();
    this.#found();
  }

  #disconnect() {
    this.#source?.close();
    this.#source = null;
    this.#probe?.abort();
    clearTimeout(this.#reopen);
  }

  /** Without a connection from now on, unless we already were. */
  #miss() {
    this.#lost ||= window.setTimeout(() => this.handlers.connection("lost"), QUIET_LOSS_MS);
  }

  #found() {
    clearTimeout(this.#lost);
    this.#lost = 0;
  }

  #connect() {
    if (document.hidden || this.#listening.signal.aborted) return;
    this.#disconnect();
    this.#miss();
    const url = new URL(this.url);
    const last = String(this.#position);
    if (last) url.searchParams.set("last", last);
    const source = (this.#source = new EventSource(url));
    let opened = false;
    source.onopen = () => {
      opened = true;
      this.#found();
      this.handlers.connection("connected");
    };
    source.onerror = () => (opened ? this.#retry() : this.#askWhy(url));
    source.onmessage = (event) => this.#receive(event, (data) => this.#text(event, data));
    const { snapshot, turn, end, title, notice, queue } = this.handlers;
    for (const [name, handler] of Object.entries({ snapshot, turn, end, title })) {
      source.addEventListener(name, (event) => this.#receive(event, (data) => this.#at(event, handler(data))));
    }
    source.addEventListener("notice", (event) => this.#receive(event, notice));
    source.addEventListener("queue", (event) => this.#receive(event, queue));
    source.addEventListener("bye", () => this.#retry());
  }

  /** @param {MessageEvent} event @param {(data: any) => boolean|void} handler */
  #receive(event, handler) {
    try {
      if (handler(JSON.parse(event.data)) !== false) {
        this.#delay = FIRST_DELAY_MS;
        return;
      }
    } catch (error) {
      console.error("transcript: a frame could not be used", error);
    }
    this.#position.is(""); // out of step with the server: start from a whole snapshot
    this.#retry();
  }

  /** Alone, text goes on with the turn of the position; else it says whose it is. @param {MessageEvent} event @param {string|[number, string]} data */
  #text(event, data) {
    if (typeof data !== "string") return this.#at(event, this.handlers.text(...data));
    if (this.handlers.text(this.#position.index, data) === false) return false;
    this.#position.advance(data);
    return true;
  }

  /** What the frame brought was used: its id is where we are. @param {MessageEvent} event @param {boolean|void} used */
  #at(event, used) {
    if (used !== false) this.#position.is(event.lastEventId);
    return used;
  }

  #retry() {
    this.#disconnect();
    this.#miss();
    const delay = this.#delay * (0.75 + Math.random() / 2); // tabs must not all come back at once
    this.#delay = Math.min(this.#delay * 2, LAST_DELAY_MS);
    this.#reopen = window.setTimeout(() => this.#connect(), delay);
  }

  /** EventSource does not tell a refusal from a lost network; a plain request does. @param {URL} url */
  async #askWhy(url) {
    this.#disconnect();
    const probe = (this.#probe = new AbortController());
    let status = 0;
    try {
      const headers = { Accept: "text/event-stream" };
      status = (await fetch(url, { headers, cache: "no-store", signal: probe.signal })).status;
    } catch {
      // no network, or the probe was called off
    }
    if (probe.signal.aborted) return;
    probe.abort(); // the body of a stream that did open would never end
    if (!NOT_OURS.has(status)) return this.#retry();
    // Not for good: after a restart of the site an unasked conversation is known again with the page's next run.
    this.#found();
    this.#position.is(""); // what was shown is withdrawn, so only a whole snapshot will do
    if (status === 401) this.handlers.connection("signed_out");
    else if (this.#delay > FIRST_DELAY_MS) this.handlers.connection("gone");
    this.#retry();
  }
}
