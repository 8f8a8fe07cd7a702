import { from64 } from "./encoding.js";
import { CLOCKS, MOST_NUMBER } from "./limits.js";
import { COSIGNATURE, NOTE, checkLine, isBy, parseNote } from "./notes.js";
import { Bad, need, quoted, say } from "./sentences.js";
import { when } from "./times.js";
import { checkLogs, trusts } from "./trust.js";

export function parseCheckpoint(note) {
  const { text, lines } = parseNote(note);
  const rows = text.split("\n");
  const good = rows.length === 4 && rows[0] && /^(0|[1-9][0-9]{0,15})$/.test(rows[1]) && Number(rows[1]) <= MOST_NUMBER;
  need(good, "a checkpoint is misspelt");
  return { origin: rows[0], size: Number(rows[1]), root: from64(rows[2], 32), text, lines };
}

export async function checkTree({ trusted, now }, checkpoint, keys, at) {
  const { origin, lines, text } = checkpoint;
  need(lines.length === keys.length && lines.every((line, place) => isBy(line, keys[place])), "the keys are not those that signed");
  need(keys.every((key) => key.name === origin || key.kind === COSIGNATURE), "somebody else’s signature has no time");
  checkLogs(trusted, origin, keys);
  const times = [];
  for (const [place, line] of lines.entries()) times.push({ key: keys[place], at: await checkLine(text, line, keys[place]) });
  const own = times.filter(({ key }) => key.name === origin && (!trusted.length || trusts(trusted, key)));
  if (![NOTE, COSIGNATURE].every((kind) => own.some(({ key }) => key.kind === kind))) throw new Bad("unsigned", { origin });
  const signed = Math.max(...own.map((one) => one.at));
  if (signed > now + CLOCKS) throw new Bad("future_signed", { at: when(signed) });
  if (at > signed + CLOCKS) throw new Bad("future_fact", { at: when(at), signed: when(signed) });
  return { signed, more: aboutWitnesses(times.filter(({ key }) => key.name !== origin)) };
}

function aboutWitnesses(others) {
  if (!others.length) return [say("no_witness")];
  const names = quoted(others.map(({ key }) => key.name));
  return [...others.map(({ key, at }) => say("witness", { name: key.name, at: when(at) })), say("unknown_witness", { names })];
}
