// Keys for a list, while the focus is on one of its items and nowhere else (WCAG 2.1.4): j, k, arrows, Home, End, and / for the filters.
const MOVES = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

export function keys(list) {
  list.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("li a")], at = links.indexOf(event.target);
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "/") {
      event.preventDefault();
      toFilters();
    } else if (event.key in MOVES) {
      event.preventDefault();
      links[Math.max(0, Math.min(links.length - 1, at + MOVES[event.key]))].focus();
    }
  });
}

function toFilters() {
  const filters = document.querySelector(".app-filters");
  if (!filters) return;
  const details = filters.closest("details");
  if (details) details.open = true;
  filters.querySelector("select, input").focus();
}
