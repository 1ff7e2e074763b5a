// Dragging a booking on the timeline to another row fills in and sends the form beside it.
let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".timeline .bar[draggable]") ?? null;
  if (dragged) event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragend", () => {
  dragged = null;
  for (const row of document.querySelectorAll(".timeline-over")) row.classList.remove("timeline-over");
});

document.addEventListener("dragover", (event) => {
  const row = dragged && event.target.closest?.("tr[data-bay]");
  for (const other of document.querySelectorAll(".timeline-over")) if (other !== row) other.classList.remove("timeline-over");
  if (!row) return;
  event.preventDefault();
  row.classList.add("timeline-over");
});

document.addEventListener("drop", (event) => {
  const row = dragged && event.target.closest?.("tr[data-bay]");
  if (!row || row === dragged.parentElement) return;
  event.preventDefault();
  const form = document.getElementById("move-form");
  dragged.querySelector("input[name=booking]").checked = true;
  form.elements.bay.value = row.dataset.bay;
  form.requestSubmit();
});
