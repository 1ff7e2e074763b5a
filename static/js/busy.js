// One press is one act: a button with data-busy says what it waits for. The form's key makes sure of it where this does not run.
document.addEventListener("submit", (event) => {
  "use strict";
  const button = event.target.querySelector("[data-busy]");
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
  button.setAttribute("aria-disabled", "true");
  button.textContent = button.dataset.busy;
});
// A page that comes back from the browser's memory would still be waiting, and knows nothing of what happened since.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
