// A keypad types into the field it names; the field's own keyboard goes on working beside it.
document.addEventListener("click", (event) => {
  "use strict";
  const key = event.target.closest(".keypad button");
  if (!key) return;
  const field = document.getElementById(key.closest(".keypad").dataset.field);
  field.value = key.value === "back" ? field.value.slice(0, -1) : field.value + key.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
