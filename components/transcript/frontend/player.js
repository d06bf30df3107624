/**
 * The one voice of a page: an audio element fed while the speech still arrives. Starting it here pauses every other
 * tab of this site.
 *
 * MP3 goes through a MediaSource, which begins with the first piece and has no gaps between them. Any other type, and
 * a browser whose MediaSource takes no MP3, gets a plain element at the same address.
 */

const MP3 = "audio/mpeg";
/** Seconds behind the place that is heard, which may be forgotten once the browser has no more room. */
const KEPT_BEHIND = 10;

/** @typedef {"idle"|"loading"|"playing"|"paused"|"blocked"|"ended"|"failed"} PlayerState  blocked: the browser wants a click first */

/** @returns {any} Safari on phones has one of another name */
const sourceClass = () => window.MediaSource ?? /** @type {any} */ (window).ManagedMediaSource;

export class Player {
  /** @type {PlayerState} */
  state = "idle";
  /** Code of what went wrong. */
  problem = "";
  /** What is played: the caller's own name for it. */
  name = "";
  #loading = new AbortController();
  /** Where it comes from. */
  address = "";
  #attached = false; // something is attached to the element
  #wanted = false; // it should sound, as far as the reader is concerned
  #broken = ""; // what arrived can still be heard to its end

  /** @param {(player: Player) => void} changed  state, time or problem */
  constructor(changed) {
    this.changed = changed;
    const audio = (this.audio = new Audio());
    audio.preservesPitch = true;
    audio.addEventListener("playing", () => this.#is("playing"));
    audio.addEventListener("waiting", () => this.#wanted && this.#is("loading"));
    audio.addEventListener("timeupdate", () => this.changed(this));
    audio.addEventListener("pause", () => this.state === "playing" && !audio.ended && this.#is("paused"));
    audio.addEventListener("ended", () => this.#over());
    audio.addEventListener("error", () => this.#attached && this.#fail("speech_unplayable"));
    this.tabs = new BroadcastChannel("speech");
    this.tabs.addEventListener("message", () => this.pause());
  }

  /** @param {string} name @param {string} address @param {number} rate */
  play(name, address, rate) {
    this.stop();
    this.name = name;
    this.address = address;
    this.#wanted = true;
    this.#is("loading");
    this.#load(address, (this.#loading = new AbortController()).signal);
    this.rate = rate;
    this.#sound();
  }

  pause() {
    this.#wanted = false;
    if (this.state === "loading") this.#is("paused");
    this.audio.pause();
  }

  resume() {
    if (this.state === "ended") this.audio.currentTime = 0;
    this.#wanted = true;
    this.#sound();
  }

  stop() {
    this.#loading.abort();
    this.#wanted = this.#attached = false;
    this.address = this.#broken = this.problem = this.name = "";
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.#is("idle");
  }

  /** @param {number} rate */
  set rate(rate) {
    this.audio.defaultPlaybackRate = this.audio.playbackRate = rate;
  }

  get time() {
    return this.audio.currentTime;
  }

  close() {
    this.stop();
    this.tabs.close();
  }

  /** @param {PlayerState} state */
  #is(state) {
    this.state = state;
    this.changed(this);
  }

  /** @param {string} problem */
  #fail(problem) {
    const { name } = this;
    this.stop();
    [this.name, this.problem] = [name, problem];
    this.#is("failed");
  }

  #over() {
    if (this.#broken) return this.#fail(this.#broken);
    this.#wanted = false;
    this.#is("ended");
  }

  async #sound() {
    const { signal } = this.#loading;
    this.tabs.postMessage("one at a time");
    try {
      await this.audio.play();
    } catch (error) {
      if (signal.aborted || !(error instanceof DOMException)) return;
      if (error.name === "NotAllowedError") this.#is("blocked");
      // AbortError: paused meanwhile; what cannot be played has told so by an event of its own
    }
  }

  /** @param {string} address @param {AbortSignal} signal */
  async #load(address, signal) {
    const Source = sourceClass();
    this.#attached = true;
    if (!Source?.isTypeSupported(MP3)) return void (this.audio.src = address);
    // Attached before anything is here, so that the press of a button still counts as the reader's permission.
    const source = new Source();
    if (Source !== window.MediaSource) this.audio.disableRemotePlayback = true;
    const local = URL.createObjectURL(source);
    this.audio.src = local;
    const opened = new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
    signal.addEventListener("abort", () => URL.revokeObjectURL(local));
    try {
      const answer = await fetch(address, { signal });
      if (!answer.ok || !answer.body) return this.#fail(await codeOf(answer));
      const kind = answer.headers.get("Content-Type")?.split(";")[0].trim();
      if (kind !== MP3) {
        await answer.body.cancel();
        this.audio.src = address;
        if (this.#wanted) this.#sound();
        return;
      }
      await opened;
      URL.revokeObjectURL(local);
      await this.#pour(answer.body.getReader(), source, signal);
    } catch {
      if (!signal.aborted) this.#fail("speech_broken");
    }
  }

  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader @param {any} source @param {AbortSignal} signal */
  async #pour(reader, source, signal) {
    const buffer = source.addSourceBuffer(MP3);
    const settled = () => new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
    let any = false;
    for (;;) {
      let piece;
      try {
        piece = await reader.read();
      } catch (error) {
        if (!any) throw error;
        this.#broken = "speech_broken";
        piece = { done: true, value: undefined };
      }
      if (signal.aborted) return;
      if (piece.done || !piece.value) break;
      while (!appended(buffer, piece.value)) {
        // No room: it goes on once something was heard that can be forgotten.
        const end = this.audio.currentTime - KEPT_BEHIND;
        if (end > 1) {
          buffer.remove(0, end);
          await settled();
        } else await new Promise((resolve) => this.audio.addEventListener("timeupdate", resolve, { once: true }));
        if (signal.aborted) return;
      }
      await settled();
      if (signal.aborted) return;
      any = true;
    }
    if (source.readyState === "open") source.endOfStream();
  }
}

/** @param {any} buffer @param {Uint8Array} piece */
function appended(buffer, piece) {
  try {
    buffer.appendBuffer(piece);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError") return false;
    throw error;
  }
}

/** @param {Response} answer */
async function codeOf(answer) {
  try {
    return String((await answer.json()).code);
  } catch {
    return "speech_broken";
  }
}
