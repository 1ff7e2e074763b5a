// Dragging a row of bays on the layout of a level fills in where it begins, by half metres; typing there moves the row.
const PIXELS_A_METRE = 16;
const STEP = 0.5;
const plan = document.querySelector("svg.plan");
const fields = (row) => Object.fromEntries(["left", "top", "angle"].map((name) => [name, document.getElementById(`id_row-${row.dataset.row}-${name}`)]));
const number = (field) => Number(field.value) || 0;
const snapped = (metres) => Math.max(0, Math.round(metres / STEP) * STEP);
let dragged = null;

// Where the left and the top of the plan lie in its drawing: a row's first transform says where its numbers lead.
const origins = new Map();

const draw = (row) => {
  const { left, top, angle } = fields(row);
  const { x, y } = origins.get(row);
  row.setAttribute("transform", `translate(${x + number(left) * PIXELS_A_METRE} ${y + number(top) * PIXELS_A_METRE}) rotate(${number(angle)})`);
};

for (const row of plan?.querySelectorAll("[data-row]") ?? []) {
  const { left, top } = fields(row);
  const at = row.transform.baseVal.getItem(0).matrix;
  origins.set(row, { x: at.e - number(left) * PIXELS_A_METRE, y: at.f - number(top) * PIXELS_A_METRE });
  for (const field of Object.values(fields(row))) field.addEventListener("input", () => draw(row));
}

plan?.addEventListener("pointerdown", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.pointerType !== "mouse" || event.button) return;
  event.preventDefault();
  const { left, top } = fields(row);
  dragged = { row, x: event.clientX, y: event.clientY, left: number(left), top: number(top) };
  plan.setPointerCapture(event.pointerId);
});

plan?.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const { left, top } = fields(dragged.row);
  left.value = snapped(dragged.left + (event.clientX - dragged.x) / PIXELS_A_METRE);
  top.value = snapped(dragged.top + (event.clientY - dragged.y) / PIXELS_A_METRE);
  draw(dragged.row);
});

plan?.addEventListener("pointerup", () => {
  dragged = null;
});
