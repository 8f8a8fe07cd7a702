// Checks a receipt, a promise or a statement of duty in the browser (docs/record-format.md). Nothing is sent anywhere.
// It follows portal/record/verifier/candour_verify.py step for step and speaks from its table of sentences, which the page carries.
import { attached, isPdf } from "./attached.js";
import { parseKey } from "./notes.js";
import { parsePaper } from "./papers.js";
import { checkReceipt } from "./receipts.js";
import { Bad, nameOf, say, speakFrom } from "./sentences.js";
import { checkStatement } from "./statements.js";

// Sentences that need no explaining. The others name hashes, keys and numbers, for whoever wants to look closer.
const PLAIN = new Set([
  "paper", "recorded", "genuine", "promised", "part", "withheld", "duty", "duty_from", "duty_now", "told", "opened", "taken_up", "acted",
  "acted_late", "stepped_aside", "missed", "not_opened", "not_acted", "nothing_more", "nothing_between", "witness", "no_witness", "not_proved",
]);

// `given`: {sentences, why}. `keys`: vkeys to trust. `now`: milliseconds since 1970. Returns {good, code, sentences, plain}: `plain` are
// those of the sentences that need no explaining.
export async function verify(bytes, { given, keys, now = Date.now() }) {
  speakFrom(given);
  try {
    const trusted = [];
    for (const key of keys) {
      trusted.push(await parseKey(key).catch(() => Promise.reject(new Bad("bad_key", { name: key }))));
    }
    const onPaper = isPdf(bytes), paper = parsePaper(onPaper ? await attached(bytes) : bytes);
    const check = paper.candour === "receipt/v1" ? checkReceipt : checkStatement;
    const sentences = [...(onPaper ? [say("paper")] : []), ...(await check(paper, { trusted, now: now * 1000 }))];
    return { good: true, code: "good", sentences, plain: sentences.filter((sentence) => PLAIN.has(nameOf(sentence))) };
  } catch (error) {
    if (!(error instanceof Bad)) return { good: false, code: "form", sentences: [say("form", { why: "something in it cannot be read" })] };
    return { good: false, code: error.code, sentences: [error.message] };
  }
}
