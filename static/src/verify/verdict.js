// Checks a receipt, a promise or a statement of duty in the browser (docs/record-format.md). Nothing is sent anywhere.
// It follows portal/record/verifier/candour_verify.py step for step and speaks from its table of sentences, which the page carries.
import { parseKey } from "./notes.js";
import { parsePaper } from "./papers.js";
import { checkReceipt } from "./receipts.js";
import { Bad, say, speakFrom } from "./sentences.js";
import { checkStatement } from "./statements.js";

// `given`: {sentences, why}. `keys`: vkeys to trust. `now`: milliseconds since 1970. Returns {good, code, sentences}.
export async function verify(bytes, { given, keys, now = Date.now() }) {
  speakFrom(given);
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
