import { hex } from "./encoding.js";

export const subtle = globalThis.crypto && globalThis.crypto.subtle;
export const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));

export async function hmac(salt, value) {
  const key = await subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(new Uint8Array(await subtle.sign("HMAC", key, value)));
}
