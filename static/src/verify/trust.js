// Whom the visitor trusts.
import { same } from "./encoding.js";
import { NOTE } from "./notes.js";
import { Bad, quoted } from "./sentences.js";

export const distinct = (names) => [...new Set(names)].sort();
export const trusts = (trusted, key) => trusted.some((known) => known.name === key.name && same(known.key, key.key));

export function checkLogs(trusted, origin, keys) {
  const logs = keys.filter((key) => key.name === origin);
  const names = distinct(trusted.map((key) => key.name).filter((name) => !name.endsWith("/portal")));
  if (trusted.length && !names.includes(origin)) throw new Bad("wrong_origin", { origin, trusted: quoted(names) || "no record" });
  if (!logs.length) throw new Bad("unsigned", { origin });
  if (trusted.length && !logs.some((key) => trusts(trusted, key))) throw new Bad("wrong_key", { name: origin, key: logs[0].vkey });
}

export function checkPortal(trusted, key) {
  if (trusted.length && !trusted.some((known) => known.vkey === key.vkey)) throw new Bad("wrong_portal_key", { key: key.vkey });
}

export function afterAll(trusted, keys) {
  if (!trusted.length) throw new Bad("no_key", { key: keys.filter((key) => key.kind === NOTE).map((key) => key.vkey).join(" and ") });
}
