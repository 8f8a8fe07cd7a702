// Checks a receipt, a promise or a statement of duty in the browser (docs/record-format.md). Nothing is sent anywhere.
// It follows portal/record/verifier/candour_verify.py step for step and speaks from its table of sentences, which the page carries.
const MOST_BYTES = 32 * 2 ** 20, MOST_NUMBER = Number.MAX_SAFE_INTEGER, MOST_NOTE = 65536, MOST_LINES = 64;
const PROMPTLY = 60e6; // microseconds after an act within which its fact is written
const CLOCKS = 300e6; // microseconds by which clocks may differ
const NOTE = 1, COSIGNATURE = 4;
const NOTHING = "0".repeat(64);
const BEGINNINGS = ['{"candour":"receipt/v1"', '{"candour":"statement/v1"'];
const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const utf8 = new TextEncoder();
const subtle = globalThis.crypto && globalThis.crypto.subtle;
let words = { sentences: {}, why: {} }; // candour_verify.py's SENTENCES and WHY

class Bad extends Error {
  constructor(code, values = {}) {
    super(say(code, values));
    this.code = code;
  }
}

function say(code, values = {}) {
  return words.sentences[code].replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

function shown(value, most = 2000) {
  if (typeof value === "number") return value.toLocaleString("en-GB");
  const text = Array.from(Array.from(String(value)).slice(0, most + 1).join("").split(SPACES).filter(Boolean).join(" "));
  const plain = text.slice(0, most).map((letter) => (letter !== " " && /[\p{C}\p{Z}]/u.test(letter) ? "�" : letter));
  return plain.join("") + (text.length > most ? "…" : "");
}

// --- Bytes, hashes, signatures ---

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
const same = (one, two) => one.length === two.length && one.every((byte, place) => byte === two[place]);
const to64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function hmac(salt, value) {
  const key = await subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return hex(new Uint8Array(await subtle.sign("HMAC", key, value)));
}

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

const leafHash = (leaf) => sha256(join(Uint8Array.of(0), utf8.encode(leaf)));

async function rootFromPath(index, size, leaf, path) {
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

// --- Strict reading ---

const isText = (value) => typeof value === "string";
const isWhole = (value) => Number.isInteger(value);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const has = (object, name) => Object.hasOwn(object, name);

function need(true_, why) {
  if (!true_) throw new Bad("form", { why });
}

function canonical(value) {
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

function isCanonical(value, text) {
  try {
    return canonical(value) === text;
  } catch {
    return false;
  }
}

function members(value, ...names) {
  need(isObject(value) && Object.keys(value).sort().join() === [...names].sort().join(), "its members are not those it should have");
  return names.map((name) => value[name]);
}

function from64(text, length = 0) {
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

// Microseconds since 1970.
function micros(time) {
  need(isText(time) && /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/.test(time), "a time is misspelt");
  const [year, month, day, hour, minute, second, part] = time.match(/[0-9]+/g).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const back = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  need(year > 0 && back.join() === [year, month, day, hour, minute, second].join(), "a time does not exist");
  return date.getTime() * 1000 + part;
}

function when(time) {
  const at = new Date(Math.floor(time / 1e6) * 1000);
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()} at ${clock} UTC`;
}

// --- Keys, notes, checkpoints ---

async function parseKey(vkey) {
  need(isText(vkey) && vkey.split("+").length > 2, "a key is misspelt");
  const [name, , ...rest] = vkey.split("+");
  const material = from64(rest.join("+"), 33);
  const [kind, key] = [material[0], material.subarray(1)];
  need([NOTE, COSIGNATURE].includes(kind) && name && !/[\s\x00-\x1f]/.test(name), "a key is misspelt");
  const id = (await sha256(join(utf8.encode(`${name}\n`), material))).subarray(0, 4);
  need(`${name}+${hex(id)}+${to64(material)}` === vkey, "a key has another ID than it says");
  return { name, kind, key, id, vkey };
}

function parseNote(text) {
  need(isText(text) && text.length <= MOST_NOTE && !/[\x00-\x09\x0b-\x1f]/.test(text), "a note holds what notes do not");
  const divider = text.lastIndexOf("\n\n");
  const rows = text.slice(divider + 2).split("\n");
  need(divider >= 0 && rows.pop() === "" && rows.length >= 1 && rows.length <= MOST_LINES, "a note lacks its signatures");
  const lines = rows.map((row) => {
    const parts = row.split(" ");
    need(parts.length === 3 && parts[0] === "—" && parts[1] && !parts[1].includes("+"), "a signature line is misspelt");
    const value = from64(parts[2]);
    need(value.length > 4, "a signature line is misspelt");
    return { name: parts[1], id: value.subarray(0, 4), signature: value.subarray(4) };
  });
  need(new Set(lines.map((line) => `${line.name} ${hex(line.id)}`)).size === lines.length, "a key signs twice");
  return { text: text.slice(0, divider + 1), lines };
}

const isBy = (line, key) => line.name === key.name && same(line.id, key.id);

async function checkLine(text, line, key) {
  let message = utf8.encode(text), signature = line.signature, at = 0n;
  if (key.kind === COSIGNATURE) {
    const time = signature.slice(0, 8);
    at = time.length ? BigInt(`0x${hex(time)}`) : 0n;
    signature = signature.subarray(8);
    message = join(utf8.encode(`cosignature/v1\ntime ${at}\n`), message);
  }
  if (!isBy(line, key) || at > 1n << 37n || !(await ed25519(key.key, message, signature))) throw new Bad("signature", { name: key.name });
  return Number(at) * 1e6;
}

function parseCheckpoint(note) {
  const { text, lines } = parseNote(note);
  const rows = text.split("\n");
  const good = rows.length === 4 && rows[0] && /^(0|[1-9][0-9]{0,15})$/.test(rows[1]) && Number(rows[1]) <= MOST_NUMBER;
  need(good, "a checkpoint is misspelt");
  return { origin: rows[0], size: Number(rows[1]), root: from64(rows[2], 32), text, lines };
}

// --- Whom the visitor trusts ---

const quoted = (names) => names.map((name) => `“${name}”`).join(", ");
const distinct = (names) => [...new Set(names)].sort();
const trusts = (trusted, key) => trusted.some((known) => known.name === key.name && same(known.key, key.key));

function checkLogs(trusted, origin, keys) {
  const logs = keys.filter((key) => key.name === origin);
  const names = distinct(trusted.map((key) => key.name).filter((name) => !name.endsWith("/portal")));
  if (trusted.length && !names.includes(origin)) throw new Bad("wrong_origin", { origin, trusted: quoted(names) || "no record" });
  if (!logs.length) throw new Bad("unsigned", { origin });
  if (trusted.length && !logs.some((key) => trusts(trusted, key))) throw new Bad("wrong_key", { name: origin, key: logs[0].vkey });
}

function checkPortal(trusted, key) {
  if (trusted.length && !trusted.some((known) => known.vkey === key.vkey)) throw new Bad("wrong_portal_key", { key: key.vkey });
}

async function checkTree({ trusted, now }, checkpoint, keys, at) {
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

// --- Facts, receipts, statements ---

function parseLeaf(text) {
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

async function checkDisclosed(leaf, disclosed) {
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

function ownNote(note, name) {
  const { text, lines } = parseNote(note);
  need(lines.length === 1 && lines[0].name === name, "a note is not signed by the portal alone");
  return { text, line: lines[0] };
}

async function checkWords(paper, name) {
  const given = paper.words;
  need(isObject(given), "the words are not an object");
  micros(given.issued_at);
  need(isText(given.title) && isObject(given.names), "the words have no title or names");
  need(Object.values(given.names).every(isText), "a name is not text");
  return ownNote(paper.words_note, name);
}

// What the portal signed names these words and these leaves: words of another paper do not fit.
async function checkBound(text, paper, name, digests) {
  const leaves = new Uint8Array(digests.flatMap((digest) => [...digest]));
  const [words, bound] = await Promise.all([sha256(utf8.encode(canonical(paper.words))), sha256(leaves)]);
  if (text !== `${name}\nwords ${to64(words)} ${to64(bound)}\n`) throw new Bad("swapped_words");
}

async function paperKeys(paper) {
  need(Array.isArray(paper.keys) && paper.keys.length >= 1 && paper.keys.length <= MOST_LINES + 1, "the keys are not a list");
  const keys = await Promise.all(paper.keys.map(parseKey));
  const portal = keys.at(-1);
  const once = new Set(keys.map((key) => key.vkey)).size === keys.length;
  need(once && portal.kind === NOTE && portal.name.endsWith("/portal"), "the portal’s key is not the last");
  return keys;
}

function afterAll(trusted, keys) {
  if (!trusted.length) throw new Bad("no_key", { key: keys.filter((key) => key.kind === NOTE).map((key) => key.vkey).join(" and ") });
}

const named = (given) => (key) => (isText(key) && has(given.names, key) ? given.names[key] : String(key ?? "None"));

function aboutNames(given) {
  const names = Object.keys(given.names).sort().map((key) => `${key} is ${given.names[key]}`).join("; ");
  return say("names", { title: given.title, names: names ? `${names}.` : "" });
}

async function checkReceipt(paper, trust) {
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
  return [first, ...told, ...more, aboutNames(paper.words), say("not_proved")];
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
    return [say("signed", { at: when(signed), size: checkpoint.size }), ...more];
  };
  return { first: say("fact", { ...about, origin: checkpoint.origin, index, size: checkpoint.size }), check };
}

async function checkStatement(paper, trust) {
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
  const told = [say("statement", { origin: checkpoint.origin, count: chain.length, subject, first: chain[0].seq, last: last.seq })];
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

const EVENTS = {
  "duty.told": ["told", "told_at"],
  "duty.opened": ["opened", "opened_at"],
  "duty.taken_up": ["taken_up", "taken_up_at"],
  "duty.acted": ["acted", "acted_at"],
  "duty.acted_late": ["acted_late", "acted_at"],
  "duty.stepped_aside": ["stepped_aside", ""],
};
const OPENINGS = ["duty.opened", "duty.taken_up", "duty.acted"], ACTS = ["duty.acted"];

function factOf(one, name) {
  const value = one.leaf && has(one.leaf.facts, name) ? one.leaf.facts[name] : null;
  return isText(value) || typeof value === "number" || typeof value === "boolean" ? value : null;
}

function story(chain, whose) {
  const told = [], holders = new Map();
  for (const one of chain) if (one.leaf && one.leaf.kind === "duty.passed") holders.set(factOf(one, "duty"), factOf(one, "holder"));
  for (const [place, one] of chain.entries()) {
    if (!one.leaf) continue;
    const { facts, kind } = one.leaf;
    if (kind === "duty.passed") {
      told.push(...interval(chain, place, whose));
    } else if (kind === "deadline.missed") {
      told.push(say("missed", { what: String(facts.deadline ?? "None"), due: when(micros(facts.due_at)), at: when(micros(facts.fired_at)) }));
    } else if (has(EVENTS, kind)) {
      const duty = factOf(one, "duty"), holder = whose(holders.has(duty) ? holders.get(duty) : "the holder");
      told.push(say(EVENTS[kind][0], { holder, actor: whose(one.leaf.actor), at: when(doneAt(one)) }));
    }
  }
  if (chain.every((one) => one.leaf)) told.push(say(chain[0].seq === 1 ? "nothing_more" : "nothing_between", { at: when(chain.at(-1).at) }));
  return told;
}

function interval(chain, place, whose) {
  const one = chain[place], duty = factOf(one, "duty"), start = micros(factOf(one, "from_at"));
  const next = chain.findIndex((link, at) => at > place && link.leaf && endsDuty(link.leaf, duty));
  const last = next < 0 ? chain.length - 1 : next, seen = chain.slice(place, last + 1);
  const stop = next < 0 ? chain.at(-1).at : micros(factOf(chain[next], "from_at") || chain[next].leaf.at);
  const code = seen.every((link) => link.leaf) ? (next < 0 ? "duty_now" : "duty") : "duty_from";
  const why = String(factOf(one, "why") ?? "None");
  const told = [say(code, { holder: whose(factOf(one, "holder")), start: when(start), end: when(stop), why: has(words.why, why) ? words.why[why] : why })];
  for (const [name, kinds, sentence] of [["open_due_at", OPENINGS, "not_opened"], ["act_due_at", ACTS, "not_acted"]]) {
    const due = micros(factOf(one, name));
    const done = seen.some((link) => link.leaf && kinds.includes(link.leaf.kind) && factOf(link, "duty") === duty && doneAt(link) < due);
    const over = seen.findIndex((link) => link.leaf && link.at >= due);
    if (!done && over >= 0 && stop >= due && seen.slice(0, over).every((link) => link.leaf)) told.push(say(sentence, { due: when(due) }));
  }
  return told;
}

function endsDuty(leaf, duty) {
  return leaf.kind === "duty.passed" || (["duty.acted", "report.erased"].includes(leaf.kind) && (leaf.facts.duty ?? null) === duty);
}

// When a fact says that it was done; when it was written, if the two are more than a minute apart: so no act can be dated back.
function doneAt(link) {
  const facts = link.leaf.facts, name = EVENTS[link.leaf.kind][1], said = has(facts, name) ? micros(facts[name]) : link.at;
  return said <= link.at && link.at - said <= PROMPTLY ? said : link.at;
}

function parsePaper(bytes) {
  if (bytes.length > MOST_BYTES) throw new Bad("large");
  let text = "", paper;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    paper = JSON.parse(text);
  } catch {
    const begun = BEGINNINGS.some((beginning) => same(bytes.slice(0, beginning.length), utf8.encode(beginning)));
    throw new Bad(begun && !(bytes.at(-2) === 0x7d && bytes.at(-1) === 0x0a) ? "truncated" : "unknown");
  }
  if (!isObject(paper) || !["receipt/v1", "statement/v1"].includes(paper.candour)) throw new Bad("unknown");
  need(text.endsWith("\n") && isCanonical(paper, text.slice(0, -1)), "it is not canonical JSON and one newline");
  return paper;
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

// `given`: {sentences, why}. `keys`: vkeys to trust. `now`: milliseconds since 1970. Returns {good, code, sentences}.
export async function verify(bytes, { given, keys, now = Date.now() }) {
  words = given;
  try {
    const trusted = [];
    for (const key of keys) {
      trusted.push(await parseKey(key).catch(() => Promise.reject(new Bad("bad_key", { name: key }))));
    }
    const paper = parsePaper(bytes);
    const check = paper.candour === "receipt/v1" ? checkReceipt : checkStatement;
    return { good: true, code: "good", sentences: await check(paper, { trusted, now: now * 1000 }) };
  } catch (error) {
    if (!(error instanceof Bad)) return { good: false, code: "form", sentences: [say("form", { why: "something in it cannot be read" })] };
    return { good: false, code: error.code, sentences: [error.message] };
  }
}

// --- The page ---

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function show(result, name) {
  const home = document.getElementById("verify-result");
  const title = document.createElement("h2"), list = document.createElement("ul");
  title.className = "govuk-heading-m";
  title.textContent = result.good ? `${name} is good` : `${name} is not proved`;
  list.className = "govuk-list govuk-list--spaced app-verdict";
  for (const sentence of result.sentences) list.append(Object.assign(document.createElement("li"), { textContent: sentence }));
  home.className = result.good ? "app-verdict--good" : "app-verdict--bad";
  home.replaceChildren(title, list);
  home.dataset.code = result.code;
}

async function start(form) {
  const given = { sentences: read("verify-sentences"), why: read("verify-why") };
  const file = document.getElementById("verify-file"), more = document.getElementById("verify-keys");
  if (!(await able())) {
    document.getElementById("verify-unable").hidden = false;
    return;
  }
  form.hidden = false;
  const check = async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const own = more.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const bytes = chosen.size > MOST_BYTES ? new Uint8Array(MOST_BYTES + 1) : new Uint8Array(await chosen.arrayBuffer());
    show(await verify(bytes, { given, keys: [...read("verify-trusted"), ...own] }), chosen.name);
  };
  file.addEventListener("change", check);
  more.addEventListener("change", check);
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      file.files = event.dataTransfer.files;
      check();
    }
  });
}

const form = document.getElementById("verify");
if (form) start(form);
