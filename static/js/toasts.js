// Closes a message that was read. Without this script there is no button, and it goes with the page.
(() => {
  "use strict";
  const show = () => document.querySelectorAll("[data-close-toast]").forEach((button) => (button.hidden = false));
  show();
  document.addEventListener("htmx:afterSwap", show);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-close-toast]");
    if (!button) return;
    const toasts = button.closest(".toasts");
    button.closest(".toast").remove();
    const next = toasts.querySelector("[data-close-toast]");
    toasts.classList.toggle("hidden-text", !next);
    // The focus stood on what is gone: it goes to the next message, or to where the page begins.
    (next ?? document.getElementById("main")).focus({ preventScroll: true });
  });
})();
