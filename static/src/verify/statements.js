// Statements of duty: a chain of facts, each in the record, with none left out between them.
import { checkTree, parseCheckpoint } from "./checkpoints.js";
import { from64, hex, same } from "./encoding.js";
import { checkDisclosed, parseLeaf } from "./facts.js";
import { members } from "./json.js";
import { MOST_NUMBER } from "./limits.js";
import { checkLine } from "./notes.js";
import { aboutNames, checkBound, checkWords, named, paperKeys } from "./papers.js";
import { Bad, need, say } from "./sentences.js";
import { story } from "./story.js";
import { micros, when } from "./times.js";
import { leafHash, rootFromPath } from "./trees.js";
import { afterAll, checkLogs, checkPortal } from "./trust.js";
import { has, isObject, isText, isWhole } from "./types.js";

export async function checkStatement(paper, trust) {
  const [facts, subject] = members(paper, "facts", "subject", "candour", "checkpoint", "keys", "words", "words_note");
  need(Array.isArray(facts) && facts.length && isText(subject), "it holds no facts");
  const checkpoint = parseCheckpoint(paper.checkpoint), keys = await paperKeys(paper), portal = keys.at(-1);
  need(portal.name === `${checkpoint.origin}/portal`, "the portal’s key is of another record");
  const note = await checkWords(paper, portal.name);
  need(["reporter", "holder", "standards"].includes(paper.words.for) && isText(paper.words.reference), "whom it is for");
  const { chain, values } = await readChain(facts, subject, checkpoint);
  await checkBound(note.text, paper, portal.name, chain.map((one) => one.digest));
  const last = chain.at(-1);
  if (!last.leaf || last.leaf.kind !== "statement.given") throw new Bad("ending");
  const [first] = chain, isPart = paper.words.for === "holder" && first.leaf && first.leaf.kind === "duty.passed";
  if (first.seq !== 1 && !isPart) throw new Bad("beginning", { seq: chain[0].seq });
  checkLogs(trust.trusted, checkpoint.origin, keys);
  checkPortal(trust.trusted, portal);
  const { signed, more } = await checkTree(trust, checkpoint, keys.slice(0, -1), last.at);
  await checkLine(note.text, note.line, portal);
  afterAll(trust.trusted, keys);
  const told = [say("genuine", { origin: checkpoint.origin }), say("statement", { origin: checkpoint.origin, count: chain.length, subject, first: chain[0].seq, last: last.seq })];
  if (chain[0].seq !== 1) told.push(say("part"));
  const hidden = chain.filter((one) => !one.leaf).length;
  if (hidden) told.push(say("withheld", { count: hidden }));
  told.push(...story(chain, named(paper.words)), ...values, say("signed", { at: when(signed), size: checkpoint.size }), ...more);
  return [...told, aboutNames(paper.words), say("not_proved")];
}

async function readChain(facts, subject, checkpoint) {
  const chain = [], values = [];
  let at = -Infinity;
  for (const fact of facts) {
    const { one, told } = await readLink(fact, checkpoint), before = chain.at(-1);
    values.push(...told);
    if (one.leaf && one.leaf.subject !== subject) throw new Bad("other_subject", { index: one.index, subject });
    if (before && (one.seq !== before.seq + 1 || one.index <= before.index)) throw new Bad("gap", { before: before.seq, after: one.seq });
    if (one.leaf && ((before && one.leaf.prev !== hex(before.digest)) || one.at < at)) throw new Bad("broken_link", { seq: one.seq });
    if (one.leaf) at = one.at;
    chain.push(one);
  }
  return { chain, values };
}

async function readLink(fact, checkpoint) {
  const withheld = isObject(fact) && has(fact, "withheld");
  const [what, index, path, more] = members(fact, ...(withheld ? ["withheld", "index", "path", "seq"] : ["leaf", "index", "path", "disclosed"]));
  need(isWhole(index) && index >= 0 && index <= MOST_NUMBER && Array.isArray(path) && path.length <= 64, "a place is misspelt");
  let one, told = [];
  if (withheld) {
    need(isWhole(more) && more >= 1, "a number is misspelt");
    one = { leaf: null, seq: more, index, digest: from64(what, 32), at: 0 };
  } else {
    const leaf = parseLeaf(what);
    one = { leaf, seq: leaf.seq, index, digest: await leafHash(what), at: micros(leaf.at) };
    told = await checkDisclosed(leaf, more);
  }
  const root = await rootFromPath(index, checkpoint.size, one.digest, path.map((node) => from64(node, 32)));
  if (!root || !same(root, checkpoint.root)) throw new Bad("swapped_proof");
  return { one, told };
}
