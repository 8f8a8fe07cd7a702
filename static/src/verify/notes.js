// Keys, and the notes that they sign.
import { ed25519 } from "./ed25519.js";
import { from64, hex, join, same, to64, utf8 } from "./encoding.js";
import { sha256 } from "./hashes.js";
import { MOST_LINES, MOST_NOTE } from "./limits.js";
import { Bad, need } from "./sentences.js";
import { isText } from "./types.js";

export const NOTE = 1, COSIGNATURE = 4;

// Control characters and Unicode's White_Space, which is not what \s is: that has U+FEFF too, and lacks U+0085.
const SPACE = /[\x00-\x1f\p{White_Space}]/u;

export async function parseKey(vkey) {
  need(isText(vkey) && vkey.split("+").length > 2, "a key is misspelt");
  const [name, , ...rest] = vkey.split("+");
  const material = from64(rest.join("+"), 33);
  const [kind, key] = [material[0], material.subarray(1)];
  need([NOTE, COSIGNATURE].includes(kind) && name && !SPACE.test(name), "a key is misspelt");
  const id = (await sha256(join(utf8.encode(`${name}\n`), material))).subarray(0, 4);
  need(`${name}+${hex(id)}+${to64(material)}` === vkey, "a key has another ID than it says");
  return { name, kind, key, id, vkey };
}

export function parseNote(text) {
  need(isText(text) && text.length <= MOST_NOTE && !/[\x00-\x09\x0b-\x1f]/.test(text), "a note holds what notes do not");
  const divider = text.lastIndexOf("\n\n");
  const rows = text.slice(divider + 2).split("\n");
  need(divider >= 0 && rows.pop() === "" && rows.length >= 1 && rows.length <= MOST_LINES, "a note lacks its signatures");
  const lines = rows.map((row) => {
    const parts = row.split(" ");
    need(parts.length === 3 && parts[0] === "—" && parts[1] && !parts[1].includes("+") && !SPACE.test(parts[1]), "a signature line is misspelt");
    const value = from64(parts[2]);
    need(value.length > 4, "a signature line is misspelt");
    return { name: parts[1], id: value.subarray(0, 4), signature: value.subarray(4) };
  });
  need(new Set(lines.map((line) => `${line.name} ${hex(line.id)}`)).size === lines.length, "a key signs twice");
  return { text: text.slice(0, divider + 1), lines };
}

export const isBy = (line, key) => line.name === key.name && same(line.id, key.id);

export async function checkLine(text, line, key) {
  let message = utf8.encode(text), signature = line.signature, at = 0n;
  if (key.kind === COSIGNATURE) {
    const time = signature.slice(0, 8);
    at = time.length ? BigInt(`0x${hex(time)}`) : 0n;
    signature = signature.subarray(8);
    message = join(utf8.encode(`cosignature/v1\ntime ${at}\n`), message);
  }
  if (!isBy(line, key) || at > 1n << 37n || !(await ed25519(key.key, message, signature))) throw new Bad("signature", { name: key.name });
  return Number(at) * 1e6;
}

export function ownNote(note, name) {
  const { text, lines } = parseNote(note);
  need(lines.length === 1 && lines[0].name === name, "a note is not signed by the portal alone");
  return { text, line: lines[0] };
}
