// The page: a form that appears where this browser can check, and the verdict below it.
import { able } from "./ed25519.js";
import { MOST_BYTES } from "./limits.js";
import { verify } from "./verdict.js";

// What the tests ask of the built file.
export { able, ed25519 } from "./ed25519.js";
export { unhex } from "./encoding.js";
export { verify } from "./verdict.js";

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function show(result, name) {
  const home = document.getElementById("verify-result");
  const title = document.createElement("h2");
  title.className = "govuk-heading-m";
  title.textContent = result.good ? `${name} is good` : `${name} is not proved`;
  home.className = result.good ? "app-verdict--good" : "app-verdict--bad";
  home.replaceChildren(title, ...(result.good ? [listed(result.plain), closer(result)] : [listed(result.sentences)]));
  home.dataset.code = result.code;
}

function listed(sentences) {
  const list = document.createElement("ul");
  list.className = "govuk-list govuk-list--spaced app-verdict";
  for (const sentence of sentences) list.append(Object.assign(document.createElement("li"), { textContent: sentence }));
  return list;
}

// What else was checked, with its hashes, keys and values: there for whoever opens it.
function closer({ sentences, plain }) {
  const details = document.getElementById("verify-closer").content.cloneNode(true);
  details.querySelector(".govuk-details__text").append(listed(sentences.filter((sentence) => !plain.includes(sentence))));
  return details;
}

async function start(form) {
  const given = { sentences: read("verify-sentences"), why: read("verify-why") };
  const file = document.getElementById("verify-file"), more = document.getElementById("verify-keys");
  if (!(await able())) {
    document.getElementById("verify-unable").hidden = false;
    return;
  }
  form.hidden = false;
  let last = [];
  const check = async () => {
    const [chosen] = file.files;
    if (!chosen || (last[0] === chosen && last[1] === more.value)) return; // nothing changed but the focus
    last = [chosen, more.value];
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
