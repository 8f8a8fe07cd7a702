import { need } from "./sentences.js";
import { isText } from "./types.js";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

// Microseconds since 1970.
export function micros(time) {
  need(isText(time) && /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/.test(time), "a time is misspelt");
  const [year, month, day, hour, minute, second, part] = time.match(/[0-9]+/g).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const back = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  need(year > 0 && back.join() === [year, month, day, hour, minute, second].join(), "a time does not exist");
  return date.getTime() * 1000 + part;
}

export function when(time) {
  const at = new Date(Math.floor(time / 1e6) * 1000);
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
  return `${clock} UTC on ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
