// What the facts of a statement tell, in sentences.
import { PROMPTLY } from "./limits.js";
import { reason, say } from "./sentences.js";
import { micros, when } from "./times.js";
import { has, isText } from "./types.js";

const EVENTS = {
  "duty.told": ["told", "told_at"],
  "duty.opened": ["opened", "opened_at"],
  "duty.taken_up": ["taken_up", "taken_up_at"],
  "duty.acted": ["acted", "acted_at"],
  "duty.acted_late": ["acted_late", "acted_at"],
  "duty.stepped_aside": ["stepped_aside", ""],
  "closure.disputed": ["disputed", "disputed_at"],
};

const OPENINGS = ["duty.opened", "duty.taken_up", "duty.acted"], ACTS = ["duty.acted"];

function factOf(one, name) {
  const value = one.leaf && has(one.leaf.facts, name) ? one.leaf.facts[name] : null;
  return isText(value) || typeof value === "number" || typeof value === "boolean" ? value : null;
}

export function story(chain, whose) {
  const told = [], holders = new Map();
  for (const one of chain) if (one.leaf && one.leaf.kind === "duty.passed") holders.set(factOf(one, "duty"), factOf(one, "holder"));
  for (const [place, one] of chain.entries()) {
    if (!one.leaf) continue;
    const { facts, kind } = one.leaf;
    if (kind === "duty.passed") {
      told.push(...interval(chain, place, whose));
    } else if (kind === "deadline.missed") {
      told.push(say("missed", { what: String(facts.deadline ?? "None"), due: when(micros(facts.due_at)), at: when(micros(facts.fired_at)) }));
    } else if (kind === "promise.missed") {
      told.push(say("unheard", { due: when(micros(facts.due_at)), at: when(micros(facts.fired_at)) }));
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
  const told = [say(code, { holder: whose(factOf(one, "holder")), start: when(start), end: when(stop), why: reason(why) })];
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
