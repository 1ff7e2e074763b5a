// Opens the dialog that a link or button names; without this file its href leads to a page with the same question.
document.addEventListener("click", (event) => {
  "use strict";
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (!dialog) return;
  event.preventDefault();
  dialog.showModal();
});
