/**
 * A recording that is chosen goes to the site as WAV where the browser can read it and servers often cannot: it
 * knows WebM, MP4 and Ogg, for which the site has no decoder.
 */
const FOREIGN = /\.(webm|mp4|m4a|ogg|oga|opus)$/i;
const RATE = 16_000; // Hz, what recognisers work with
const LARGEST = 30 * 1024 * 1024; // bytes, what servers take

export class Recordings {
  /** @type {WeakSet<File>} need no second look */
  #seen = new WeakSet();
  #listening = new AbortController();

  constructor() {
    // Before Streamlit's own listener, which gets the change when the file is another one.
    document.addEventListener("change", (event) => this.#chosen(event), { capture: true, signal: this.#listening.signal });
  }

  /** @param {Event} event */
  async #chosen(event) {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || !input.closest("[class*='st-key-recording-']")) return;
    const file = input.files?.[0];
    if (!file || this.#seen.has(file) || !FOREIGN.test(file.name)) return;
    event.stopPropagation();
    const better = await asWav(file).catch(() => file); // the server may know it all the same
    this.#seen.add(better);
    const files = new DataTransfer();
    files.items.add(better);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    this.#listening.abort();
  }
}

/** @param {File} file @returns {Promise<File>} one channel of 16 bits; the file itself where that would be too large */
async function asWav(file) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
  if (sound.length * 2 > LARGEST) return file;
  const bytes = new DataView(new ArrayBuffer(44 + sound.length * 2));
  const text = (/** @type {number} */ at, /** @type {string} */ word) => {
    for (const [place, letter] of [...word].entries()) bytes.setUint8(at + place, letter.charCodeAt(0));
  };
  text(0, "RIFF");
  bytes.setUint32(4, 36 + sound.length * 2, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true); // PCM
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, RATE, true);
  bytes.setUint32(28, RATE * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, sound.length * 2, true);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
  for (let place = 0; place < sound.length; place += 1) {
    const mean = channels.reduce((sum, channel) => sum + channel[place], 0) / channels.length;
    bytes.setInt16(44 + place * 2, Math.max(-1, Math.min(1, mean)) * 0x7fff, true);
  }
  return new File([bytes], file.name.replace(FOREIGN, ".wav"), { type: "audio/wav" });
}
