/** What an answer cost: tokens, prices, times; and the sums of all answers on the screen. Any of it may be missing. */
import { duration } from "./clock.js";
import { fill } from "./labels.js";

/** @typedef {import("./protocol.js").Turn} Turn */
/** @typedef {import("./labels.js").Labels} Labels */

/** Prices are decimals in text ("0E-7"). @param {unknown} value @returns {number|null} */
function amount(value) {
  const number = value === "" || value == null ? NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}

/** @param {number} price @param {string} currency @param {Labels} labels */
function money(price, currency, labels) {
  const options = { minimumFractionDigits: 0, maximumFractionDigits: 7 };
  const text = new Intl.NumberFormat(labels.locale || undefined, options).format(price);
  return currency ? `${text} ${currency}` : text;
}

/** @param {Labels} labels */
const counts = (labels) => new Intl.NumberFormat(labels.locale || undefined, { maximumFractionDigits: 1 });

/** "12 · 0.0000240 USD (0.001 for 1,000)": Dify's price unit is the part of a token that a unit price is for. @param {Record<string, unknown>} usage @param {"prompt"|"completion"} side @param {Labels} labels */
function tokensOf(usage, side, labels) {
  const tokens = amount(usage[`${side}_tokens`]);
  const price = amount(usage[`${side}_price`]);
  const each = amount(usage[`${side}_unit_price`]);
  const unit = amount(usage[`${side}_price_unit`]);
  const currency = String(usage.currency ?? "");
  const rate = each == null || !unit ? "" : fill(labels.unit_price, { price: money(each, currency, labels), n: counts(labels).format(1 / unit) });
  return [tokens == null ? "" : counts(labels).format(tokens), price ? money(price, currency, labels) : "", price ? rate : ""].filter(Boolean).join(" · ");
}

/** Tokens for each second of writing. @param {Turn} turn */
function pace(turn) {
  const { first_text, total } = turn.timings ?? {};
  const tokens = amount(turn.usage?.completion_tokens);
  const seconds = first_text != null && total != null ? total - first_text : amount(turn.usage?.latency);
  return tokens && seconds && seconds > 0.05 ? tokens / seconds : null;
}

/** By the keys of labels.details_rows. @param {Turn} turn @param {Labels} labels @returns {Record<string, string|null>} */
export function usageOf(turn, labels) {
  const usage = turn.usage ?? {};
  const seconds = (/** @type {unknown} */ value) => (amount(value) == null ? null : duration(/** @type {number} */ (amount(value)), labels));
  const total = amount(usage.total_tokens);
  const price = amount(usage.total_price);
  const speed = pace(turn);
  return {
    first_text: seconds(turn.timings?.first_text),
    first_token: seconds(usage.time_to_first_token),
    total: seconds(turn.timings?.total),
    latency: seconds(usage.latency),
    speed: speed == null ? null : fill(labels.per_second, { n: counts(labels).format(speed) }),
    tokens: total == null ? null : counts(labels).format(total),
    prompt: tokensOf(usage, "prompt", labels),
    completion: tokensOf(usage, "completion", labels),
    price: price == null ? null : money(price, String(usage.currency ?? ""), labels),
  };
}

/** Of all these answers: how many, their tokens, their price by currency. @param {Turn[]} turns @param {Labels} labels @returns {Record<string, string|null>} */
export function sumsOf(turns, labels) {
  const used = turns.filter((turn) => turn.usage);
  if (used.length < 2) return {};
  /** @type {Map<string, number>} */
  const prices = new Map();
  let tokens = 0;
  for (const { usage } of used) {
    tokens += amount(usage?.total_tokens) ?? 0;
    const currency = String(usage?.currency ?? "");
    const price = amount(usage?.total_price);
    if (price != null) prices.set(currency, (prices.get(currency) ?? 0) + price);
  }
  const paid = [...prices].map(([currency, price]) => money(price, currency, labels));
  return {
    all_answers: counts(labels).format(used.length),
    all_tokens: counts(labels).format(tokens),
    all_price: paid.join(", "),
  };
}
