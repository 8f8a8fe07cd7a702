// What is said, in candour_verify.py's sentences, and how what strangers wrote is shown in them.
import { has } from "./types.js";

const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
let words = { sentences: {}, why: {} }; // candour_verify.py's SENTENCES and WHY
const spoken = new Map(); // each sentence that was said, and its name

export function speakFrom(given) {
  words = given;
  spoken.clear();
}

export class Bad extends Error {
  constructor(code, values = {}) {
    super(say(code, values));
    this.code = code;
  }
}

export function say(code, values = {}) {
  const text = words.sentences[code].replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
  spoken.set(text, code);
  return text;
}

export const nameOf = (sentence) => spoken.get(sentence);

function shown(value, most = 2000) {
  if (typeof value === "number") return value.toLocaleString("en-GB");
  const text = Array.from(Array.from(String(value)).slice(0, most + 1).join("").split(SPACES).filter(Boolean).join(" "));
  const plain = text.slice(0, most).map((letter) => (letter !== " " && /[\p{C}\p{Z}]/u.test(letter) ? "�" : letter));
  return plain.join("") + (text.length > most ? "…" : "");
}

export const reason = (why) => (has(words.why, why) ? words.why[why] : why);
export const quoted = (names) => names.map((name) => `“${name}”`).join(", ");

export function need(true_, why) {
  if (!true_) throw new Bad("form", { why });
}
