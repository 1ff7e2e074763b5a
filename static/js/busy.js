// Sends a form once: its button shows the text in data-busy meanwhile. Without this script the form's key prevents a
// second payment.
document.addEventListener("submit", (event) => {
  "use strict";
  const button = event.target.querySelector("[data-busy]");
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.busy;
});
// A page restored from the browser's cache would still show the busy button and a stale state.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
