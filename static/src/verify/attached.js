// The receipt or statement that is attached to a PDF (ISO 32000-1, 7.11.4): a paper copy holds its own file.
import { same, utf8 } from "./encoding.js";
import { BEGINNINGS, MOST_BYTES } from "./limits.js";
import { Bad } from "./sentences.js";

export const isPdf = (bytes) => bytes.length <= MOST_BYTES && same(bytes.slice(0, 5), utf8.encode("%PDF-"));
export const begins = (bytes) => BEGINNINGS.some((beginning) => same(bytes.slice(0, beginning.length), utf8.encode(beginning)));

// One character for each byte, so that places in the text are places in the file.
const latin = new TextDecoder("latin1");

export async function attached(bytes) {
  const text = latin.decode(bytes);
  for (const begun of text.matchAll(/(?<!end)stream\r?\n/g)) {
    const words = text.slice(Math.max(begun.index - 4096, 0), begun.index).split(" obj").at(-1);
    if (!/\/EmbeddedFile(?![A-Za-z])/.test(words)) continue;
    const start = begun.index + begun[0].length, length = words.match(/\/Length ([0-9]{1,9})(?![0-9]| +[0-9]+ +R)/);
    const end = text.indexOf("endstream", start), stop = length ? start + Number(length[1]) : end < 0 ? text.length : end;
    const piece = bytes.slice(start, stop);
    const whole = words.includes("/FlateDecode") ? await inflated(piece) : piece;
    if (begins(whole)) return whole;
  }
  throw new Bad("no_attachment");
}

// What could be inflated, at most a little more than the largest file that is read.
async function inflated(piece) {
  const parts = [], reader = new Blob([piece]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  let size = 0;
  try {
    for (let read = await reader.read(); !read.done && size <= MOST_BYTES; read = await reader.read()) {
      parts.push(read.value);
      size += read.value.length;
    }
  } catch {
    // Whatever follows the compressed data, such as the line break before “endstream”, ends here; what came before it counts.
  }
  reader.cancel().catch(() => {});
  return new Uint8Array(await new Blob(parts).arrayBuffer()).slice(0, MOST_BYTES + 1);
}
