// The one spelling of a value that Candour signs, canonical JSON, and the members an object must have.
import { need } from "./sentences.js";
import { isObject, isText } from "./types.js";

export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (isText(value)) {
    if (value.includes("\0") || /\p{Surrogate}/u.test(value)) throw new RangeError();
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new RangeError();
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const names = Object.keys(value).sort();
  if (!names.every((name) => /^[\x01-\x7f]*$/.test(name))) throw new RangeError();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export function isCanonical(value, text) {
  try {
    return canonical(value) === text;
  } catch {
    return false;
  }
}

export function members(value, ...names) {
  need(isObject(value) && Object.keys(value).sort().join() === [...names].sort().join(), "its members are not those it should have");
  return names.map((name) => value[name]);
}
