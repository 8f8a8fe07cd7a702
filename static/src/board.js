// A list that keeps itself up to date. It asks for its own part of the page, and is answered 304 while nothing in it changed: the time left
// is in the server's words, so no clock here is trusted. It rests while the tab is hidden and asks less and less often of a server that is
// away. Nothing outside the list is touched: what is typed in the filters stays, and the focus stays on its duty.
import { keys } from "./board_keys.js";

const EVERY = 20_000, MOST = 300_000;

export function liveBoard(list) {
  if (!list) return;
  const said = document.querySelector("[data-board-said]");
  const state = { list, said, etag: list.dataset.etag, summary: summaryOf(list), wait: EVERY, timer: 0, busy: false, over: false };
  document.querySelector("[data-board-help]").hidden = false;
  keys(list);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(state.timer) : ask(state)));
  said.addEventListener("click", ({ target }) => target.closest("button") && ask(state));
  later(state);
}

function later(state) {
  clearTimeout(state.timer);
  if (!document.hidden && !state.over) state.timer = setTimeout(() => ask(state), state.wait);
}

async function ask(state) {
  if (state.busy || state.over) return;
  state.busy = true;
  clearTimeout(state.timer);
  try {
    await answered(state, await fetch(state.list.dataset.board, {
      headers: { "If-None-Match": state.etag }, cache: "no-store", redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(15_000),
    }));
  } catch {
    away(state);
  }
  state.busy = false;
  later(state);
}

async function answered(state, answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return signedOut(state);
  if (answer.status !== 304 && answer.status !== 200) return away(state);
  if (answer.status === 200) {
    const drawn = await answer.text();
    state.etag = answer.headers.get("ETag") || "";
    redraw(state, drawn);
  }
  if (state.wait !== EVERY) tell(state, "This list is up to date again.");
  state.wait = EVERY;
}

function redraw(state, drawn) {
  const links = [...state.list.querySelectorAll("li a")], at = links.indexOf(document.activeElement);
  const address = at < 0 ? null : links[at].getAttribute("href");
  state.list.innerHTML = drawn;
  if (at >= 0) refocus(state, address, at);
  const summary = summaryOf(state.list);
  if (summary !== state.summary) tell(state, `Your duties changed: ${summary}.`);
  state.summary = summary;
}

// On the same duty wherever it is now; on the one that took its place where it is gone.
function refocus(state, address, at) {
  const links = [...state.list.querySelectorAll("li a")];
  const same = links.find((link) => link.getAttribute("href") === address) || links[Math.min(at, links.length - 1)];
  if (same) same.focus({ preventScroll: true });
}

function summaryOf(list) {
  const [inner] = list.children;
  return (inner && inner.dataset.summary) || "";
}

function away(state) {
  const since = state.wait === EVERY;
  state.wait = Math.min(state.wait * 2, MOST);
  if (since) tell(state, "The portal does not answer, so this list may be out of date. It tries again by itself.", button("Try now"));
}

function signedOut(state) {
  state.over = true;
  const link = document.createElement("a");
  link.className = "govuk-link";
  link.href = window.location.href;
  link.textContent = "Sign in again";
  tell(state, "You are signed out, so this list is out of date.", link);
}

function button(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "app-link-button";
  made.textContent = text;
  return made;
}

function tell({ said }, text, ...more) {
  said.replaceChildren(text, ...more.flatMap((one) => [" ", one]));
}
