import { from64, unhex } from "./encoding.js";
import { hmac } from "./hashes.js";
import { isCanonical, members } from "./json.js";
import { Bad, need, say } from "./sentences.js";
import { micros } from "./times.js";
import { has, isObject, isText, isWhole } from "./types.js";

const NOTHING = "0".repeat(64);

export function parseLeaf(text) {
  need(isText(text), "a fact is not text");
  let leaf;
  try {
    leaf = JSON.parse(text);
  } catch {
    need(false, "a fact is not canonical JSON");
  }
  need(isCanonical(leaf, text), "a fact is not canonical JSON");
  need(isObject(leaf), "a fact is not an object");
  const second = leaf.v === 2;
  members(leaf, "actor", "at", "facts", "kind", "prev", "sealed", "seq", "subject", "v", ...(second ? ["id"] : []));
  micros(leaf.at);
  need(["actor", "kind", "subject", "prev"].every((name) => isText(leaf[name]) && leaf[name]), "a fact’s members are of other types");
  need(isObject(leaf.facts) && isObject(leaf.sealed), "a fact’s members are of other types");
  need(["seq", "v", ...(second ? ["id"] : [])].every((name) => isWhole(leaf[name]) && leaf[name] >= 1) && leaf.v <= 2, "a fact’s numbers");
  need(Object.values(leaf.sealed).every((one) => isText(one) && /^hmac-sha256:[0-9a-f]{64}$/.test(one)), "a sealed value is misspelt");
  need(/^[0-9a-f]{64}$/.test(leaf.prev) && (leaf.seq === 1) === (leaf.prev === NOTHING), "a link is misspelt");
  return leaf;
}

export async function checkDisclosed(leaf, disclosed) {
  need(isObject(disclosed), "what is disclosed is not an object");
  const told = [];
  for (const name of Object.keys(disclosed).sort()) {
    if (!has(leaf.sealed, name)) throw new Bad("extra_value", { name });
    const isFile = name.startsWith("file-");
    const [salt, value] = members(disclosed[name], "salt", isFile ? "sha256" : "value");
    if (isFile) need(isText(value) && /^[0-9a-f]{64}$/.test(value), "a digest is misspelt");
    const plain = isFile ? unhex(value) : from64(value);
    if (leaf.sealed[name] !== `hmac-sha256:${await hmac(from64(salt, 32), plain)}`) throw new Bad("swapped_value", { name });
    const text = isFile ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(plain);
    told.push(isFile ? say("file", { name, sha256: value }) : say("value", { name, value: text }));
  }
  const hidden = Object.keys(leaf.sealed).filter((name) => !has(disclosed, name)).sort().join(", ");
  return hidden ? [...told, say("hidden", { names: hidden })] : told;
}
