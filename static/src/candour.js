// Everything here is a help, never a need: each page works with this file missing.
import { Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink, createAll } from "govuk-frontend";

import { liveBoard } from "./board.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

for (const component of [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink]) {
  createAll(component);
}

// A radio may not be "expanded" (ARIA); the choice itself says what it opens. The script above sets it at each press.
function plainRadios() {
  for (const radio of document.querySelectorAll("[type=radio][aria-expanded]")) radio.removeAttribute("aria-expanded");
}
plainRadios();
document.addEventListener("click", plainRadios);

// A form pressed twice is sent once: the button says so to people who can't see that nothing happens.
document.addEventListener("submit", ({ target }) => {
  const button = target.querySelector("[data-prevent-double-click]");
  if (button) button.setAttribute("aria-disabled", "true");
});

// The browser's back button shows the page as it was: let its buttons be pressed again.
window.addEventListener("pageshow", () => {
  plainRadios();
  for (const button of document.querySelectorAll("[data-prevent-double-click][aria-disabled]")) button.removeAttribute("aria-disabled");
});

liveBoard(document.querySelector("[data-board]"));
