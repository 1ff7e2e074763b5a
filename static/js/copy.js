// Shows a button that copies a field to the clipboard; without a clipboard or a script people copy it by hand.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const source = document.getElementById(button.dataset.copy);
    const said = document.getElementById(`${button.dataset.copy}-said`);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value);
        said.textContent = source.dataset.sayCopied;
      } catch {
        source.select();
        said.textContent = source.dataset.sayRefused;
      }
    });
  });
})();
