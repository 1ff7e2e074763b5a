// Ticks all boxes of a form at once. Without this script each is ticked by itself.
(() => {
  "use strict";
  const show = () => document.querySelectorAll("[data-tick-all]").forEach((label) => (label.hidden = false));
  show();
  document.addEventListener("htmx:afterSwap", show);
  document.addEventListener("change", ({ target }) => {
    const all = target.closest("[data-tick-all]");
    if (!all) return;
    const boxes = document.querySelectorAll(`input[name="${all.dataset.tickAll}"][form="${target.form.id}"]`);
    boxes.forEach((box) => (box.checked = target.checked));
  });
})();
