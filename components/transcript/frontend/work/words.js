/** What several parts of the work say in the same way: people, times, troubles. */
import { shortTime } from "../clock.js";
import { labelsOf } from "../labels.js";
import { Trouble } from "../lists/calls.js";
import { fill } from "../lists/labels.js";
import { LABELS } from "./labels.js";

const TIMES = labelsOf({});
const SHORT = 14; // characters of an id

/** @typedef {{user: string, name: string}} Person */

/** @param {string} id */
export const short = (id) => (id.length > SHORT ? `${id.slice(0, SHORT)}…` : id);

/** @param {number} seconds */
export const time = (seconds) => shortTime(seconds, TIMES);

/** What somebody of the staff is called. @param {string} user @param {Person[]} staff @param {string} me @param {string} [known] */
export function called(user, staff, me, known = "") {
  if (!user) return LABELS.nobody;
  const name = staff.find((person) => person.user === user)?.name || known;
  if (user === me) return name ? fill(LABELS.me, { name }) : LABELS.me_plain;
  return name || fill(LABELS.colleague, { user: short(user) });
}

/** Everybody whom something can be given to, oneself first. @param {Person[]} staff @param {string} me @returns {[string, string][]} */
export function assignees(staff, me) {
  const others = staff.filter((person) => person.user !== me).map((person) => person.user);
  return [["", LABELS.nobody], ...[me, ...others].map((user) => /** @type {[string, string]} */ ([user, called(user, staff, me)]))];
}

/** In words for a person. @param {unknown} error */
export function problem(error) {
  if (!(error instanceof Trouble)) return LABELS.problems.offline;
  const known = /** @type {Record<string, string>} */ (LABELS.problems)[error.code];
  return known ?? (error.code === "invalid_param" ? error.said.message : fill(LABELS.problems.other, { message: error.said?.message || error.code }));
}

/** What somebody else has changed meanwhile; null where it is another trouble. @param {unknown} error */
export const meanwhile = (error) => (error instanceof Trouble && error.code === "meanwhile" ? error.said.now : null);
