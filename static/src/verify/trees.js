import { join, utf8 } from "./encoding.js";
import { sha256 } from "./hashes.js";

export const leafHash = (leaf) => sha256(join(Uint8Array.of(0), utf8.encode(leaf)));

export async function rootFromPath(index, size, leaf, path) {
  if (!(index >= 0 && index < size)) return null;
  let at = BigInt(index), last = BigInt(size) - 1n, root = leaf;
  for (const sibling of path) {
    if (last === 0n) return null;
    if (at & 1n || at === last) {
      root = await sha256(join(Uint8Array.of(1), sibling, root));
      while (at && !(at & 1n)) (at >>= 1n), (last >>= 1n);
    } else {
      root = await sha256(join(Uint8Array.of(1), root, sibling));
    }
    (at >>= 1n), (last >>= 1n);
  }
  return last ? null : root;
}
