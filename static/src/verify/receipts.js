// Receipts, and the promises that stand in for them until the record is next signed.
import { checkTree, parseCheckpoint } from "./checkpoints.js";
import { from64, same } from "./encoding.js";
import { checkDisclosed, parseLeaf } from "./facts.js";
import { members } from "./json.js";
import { CLOCKS } from "./limits.js";
import { checkLine, ownNote } from "./notes.js";
import { aboutNames, checkBound, checkWords, named, paperKeys } from "./papers.js";
import { Bad, need, quoted, say } from "./sentences.js";
import { micros, when } from "./times.js";
import { leafHash, rootFromPath } from "./trees.js";
import { afterAll, checkLogs, checkPortal, distinct } from "./trust.js";
import { has, isText } from "./types.js";

export async function checkReceipt(paper, trust) {
  const pending = has(paper, "promise");
  members(paper, "candour", "disclosed", "keys", "leaf", pending ? "promise" : "proof", "words", "words_note");
  const leaf = parseLeaf(paper.leaf), digest = await leafHash(paper.leaf);
  const told = await checkDisclosed(leaf, paper.disclosed);
  const keys = await paperKeys(paper), portal = keys.at(-1);
  const note = await checkWords(paper, portal.name);
  const about = { kind: leaf.kind, subject: leaf.subject, actor: named(paper.words)(leaf.actor), at: when(micros(leaf.at)) };
  const { first, check } = await (pending ? checkPromise : checkProof)(paper, trust, keys, leaf, digest, about);
  await checkBound(note.text, paper, portal.name, [digest]);
  checkPortal(trust.trusted, portal);
  const more = await check();
  await checkLine(note.text, note.line, portal);
  afterAll(trust.trusted, keys);
  const recorded = say("recorded", { title: paper.words.title.replace(/\.+$/, ""), at: about.at });
  return [recorded, first, ...told, ...more, aboutNames(paper.words), say("not_proved")];
}

async function checkPromise(paper, { trusted, now }, keys, leaf, digest, about) {
  need(keys.length === 1, "a promise is signed by the portal alone");
  const [portal] = keys;
  const { text, line } = ownNote(paper.promise, portal.name);
  const found = text.match(/^[^\n]*\npromise (\S+) (\S+) (\S+)\n$/);
  need(found && text.startsWith(`${portal.name}\n`), "the promise is misspelt");
  const by = micros(found[3]), at = micros(leaf.at);
  if (!same(from64(found[1], 32), digest) || found[2] !== leaf.at) throw new Bad("swapped_promise");
  need(micros(found[2]) <= by, "the promise ends before it begins");
  const names = distinct(trusted.map((key) => key.name)), origin = portal.name.slice(0, -"/portal".length);
  if (names.length && !names.includes(portal.name)) throw new Bad("wrong_origin", { origin, trusted: quoted(names) });
  const check = async () => {
    await checkLine(text, line, portal);
    if (at > now + CLOCKS) throw new Bad("future_signed", { at: when(at) });
    if (now > by) throw new Bad("late_promise", { by: when(by) });
    return [];
  };
  return { first: say("promised", { ...about, by: when(by) }), check };
}

async function checkProof(paper, trust, keys, leaf, digest, about) {
  need(isText(paper.proof), "the proof is not text");
  const divider = paper.proof.indexOf("\n\n");
  const rows = (divider < 0 ? paper.proof : paper.proof.slice(0, divider)).split("\n");
  const good = rows[0] === "c2sp.org/tlog-proof@v1" && rows.length >= 2 && /^index (0|[1-9][0-9]{0,15})$/.test(rows[1]);
  need(good, "the proof is misspelt");
  need(rows.length <= 66, "the proof is too long");
  const index = Number(rows[1].slice(6)), path = rows.slice(2).map((node) => from64(node, 32));
  const checkpoint = parseCheckpoint(divider < 0 ? "" : paper.proof.slice(divider + 2));
  need(keys.at(-1).name === `${checkpoint.origin}/portal`, "the portal’s key is of another record");
  const root = await rootFromPath(index, checkpoint.size, digest, path);
  if (!root || !same(root, checkpoint.root)) throw new Bad("swapped_proof");
  checkLogs(trust.trusted, checkpoint.origin, keys);
  const check = async () => {
    const { signed, more } = await checkTree(trust, checkpoint, keys.slice(0, -1), micros(leaf.at));
    return [say("genuine", { origin: checkpoint.origin }), say("signed", { at: when(signed), size: checkpoint.size }), ...more];
  };
  return { first: say("fact", { ...about, origin: checkpoint.origin, index, size: checkpoint.size }), check };
}
