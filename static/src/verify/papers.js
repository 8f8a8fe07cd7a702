// What a receipt and a statement have in common: their spelling, their keys and their words.
import { begins } from "./attached.js";
import { to64, utf8 } from "./encoding.js";
import { sha256 } from "./hashes.js";
import { canonical, isCanonical } from "./json.js";
import { MOST_BYTES, MOST_LINES } from "./limits.js";
import { NOTE, ownNote, parseKey } from "./notes.js";
import { Bad, need, say } from "./sentences.js";
import { micros } from "./times.js";
import { has, isObject, isText } from "./types.js";

export function parsePaper(bytes) {
  if (bytes.length > MOST_BYTES) throw new Bad("large");
  let text = "", paper;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    paper = JSON.parse(text);
  } catch {
    throw new Bad(begins(bytes) && !(bytes.at(-2) === 0x7d && bytes.at(-1) === 0x0a) ? "truncated" : "unknown");
  }
  if (!isObject(paper) || !["receipt/v1", "statement/v1"].includes(paper.candour)) throw new Bad("unknown");
  need(text.endsWith("\n") && isCanonical(paper, text.slice(0, -1)), "it is not canonical JSON and one newline");
  return paper;
}

export async function paperKeys(paper) {
  need(Array.isArray(paper.keys) && paper.keys.length >= 1 && paper.keys.length <= MOST_LINES + 1, "the keys are not a list");
  const keys = await Promise.all(paper.keys.map(parseKey));
  const portal = keys.at(-1);
  const once = new Set(keys.map((key) => key.vkey)).size === keys.length;
  need(once && portal.kind === NOTE && portal.name.endsWith("/portal"), "the portal’s key is not the last");
  return keys;
}

export async function checkWords(paper, name) {
  const given = paper.words;
  need(isObject(given), "the words are not an object");
  micros(given.issued_at);
  need(isText(given.title) && isObject(given.names), "the words have no title or names");
  need(Object.values(given.names).every(isText), "a name is not text");
  return ownNote(paper.words_note, name);
}

// What the portal signed names these words and these leaves: words of another paper do not fit.
export async function checkBound(text, paper, name, digests) {
  const leaves = new Uint8Array(digests.flatMap((digest) => [...digest]));
  const [words, bound] = await Promise.all([sha256(utf8.encode(canonical(paper.words))), sha256(leaves)]);
  if (text !== `${name}\nwords ${to64(words)} ${to64(bound)}\n`) throw new Bad("swapped_words");
}

export const named = (given) => (key) => (isText(key) && has(given.names, key) ? given.names[key] : String(key ?? "None"));

export function aboutNames(given) {
  const names = Object.keys(given.names).sort().map((key) => `${key} is ${given.names[key]}`).join("; ");
  return say("names", { title: given.title, names: names ? `${names}.` : "" });
}
