import { hex, join, unhex } from "./encoding.js";
import { subtle } from "./hashes.js";

// Points that anybody can sign for, and spellings of a point that are not its one: WebCrypto leaves both to us (RFC 8032, 5.1.3).
const EIGHTH = ["c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"];

function weak(key) {
  const top = key[31] & 0x7f;
  const plain = hex(join(key.subarray(0, 31), Uint8Array.of(top)));
  if (top === 0x7f && key[0] >= 0xec && key.subarray(1, 31).every((byte) => byte === 0xff)) return true; // -1, and all that is not below 2²⁵⁵-19
  if (/^0[01]0{62}$/.test(plain)) return true;
  return EIGHTH.includes(plain);
}

export async function ed25519(key, message, signature) {
  if (signature.length !== 64 || weak(key)) return false;
  const imported = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

// Whether this browser can check at all: it needs Ed25519 in WebCrypto, which browsers offer on secure pages only.
export async function able() {
  try {
    await subtle.importKey("raw", unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}
