import { need } from "./sentences.js";
import { isText } from "./types.js";

export const utf8 = new TextEncoder();
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
export const same = (one, two) => one.length === two.length && one.every((byte, place) => byte === two[place]);
export const to64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

export function from64(text, length = 0) {
  need(isText(text) && /^[\x00-\x7f]*$/.test(text), "base64 is missing");
  let value;
  try {
    value = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    need(false, "something is not base64");
  }
  need(to64(value) === text && (length === 0 || value.length === length), "base64 is misspelt or of another length");
  return value;
}
