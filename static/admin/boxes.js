"use strict";

// A box in which somebody is looked for is named by its label: its own script names it by who is chosen, which is nobody at first.
function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const [label] = select.labels;
    const chosen = select.nextElementSibling?.querySelector(".select2-selection__rendered");
    if (label && chosen) {
      label.id ||= `${select.id}_label`;
      chosen.setAttribute("aria-labelledby", label.id);
      chosen.closest("[role=combobox]").setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    }
  }
}

window.django?.jQuery?.(nameBoxes); // jQuery keeps the order in which it is asked, and the boxes are drawn before
document.addEventListener("formset:added", () => setTimeout(nameBoxes)); // once the row's own script has drawn the box
