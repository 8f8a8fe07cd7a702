"use strict";

// What the tables of Django's admin lack on a phone and for a screen reader, put into the page as Django draws it: it works without.

const heads = (table) => [...(table.tHead?.rows[0].cells ?? [])];
const named = (head) => (head.querySelector(".text") ?? head).textContent.trim();

// Each cell knows the name of its column, so that a row can stand as a block.
function nameCells(table) {
  const names = heads(table).map(named);
  for (const row of table.tBodies[0].rows) {
    for (const cell of row.querySelectorAll(":scope > [class^=field-], :scope > .delete:has(input)")) {
      cell.dataset.label = names[cell.cellIndex];
    }
  }
}

// A box in a row of a form is labelled by the head of its column, and what helps to fill the column in stands above the table.
function labelBoxes(table) {
  for (const [place, head] of heads(table).entries()) {
    head.id ||= `${table.closest(".inline-group").id}-column-${place}`;
    for (const tip of head.querySelectorAll(".help-tooltip")) {
      const help = Object.assign(document.createElement("p"), { className: "help", textContent: `${named(head)}: ${tip.title}` });
      table.before(help);
      tip.remove();
    }
    for (const box of table.querySelectorAll(`tbody td:nth-child(${place + 1}) :is(input:not([type=hidden]), select, textarea)`)) {
      box.setAttribute("aria-labelledby", head.id);
    }
  }
}

// A box in which somebody is looked for is named by its label: its own script names it by who is chosen, which is nobody at first.
function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const [label] = select.labels;
    if (label) {
      label.id ||= `${select.id}_label`;
    }
    const by = select.getAttribute("aria-labelledby") ?? label?.id;
    const chosen = select.nextElementSibling?.querySelector(".select2-selection__rendered");
    if (by && chosen) {
      chosen.setAttribute("aria-labelledby", by);
      chosen.closest("[role=combobox]").setAttribute("aria-labelledby", `${by} ${chosen.id}`);
    }
  }
}

for (const table of document.querySelectorAll("#result_list")) {
  nameCells(table);
  table.classList.add("app-rows");
}
for (const table of document.querySelectorAll(".inline-group .tabular table")) {
  nameCells(table);
  labelBoxes(table);
  table.closest(".tabular").classList.add("app-form-rows");
}
window.django?.jQuery?.(nameBoxes); // jQuery keeps the order in which it is asked, and the boxes are drawn before
document.addEventListener("formset:added", () => setTimeout(nameBoxes)); // once the row's own script has drawn the box
