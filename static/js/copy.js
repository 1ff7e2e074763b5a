// Shows a button that copies a text to the clipboard; without a clipboard or a script the text is marked by hand.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach((button) => {
    const source = document.getElementById(button.dataset.copy);
    const said = document.getElementById(`${button.dataset.copy}-said`);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        said.textContent = "Copied.";
      } catch {
        said.textContent = "Your browser does not allow copying. Mark the key and copy it by hand.";
      }
    });
  });
})();
