// Counts down until when a paid car has to drive out. Without this script its clock time stands alone.
(() => {
  "use strict";
  const ends = new WeakMap();

  const show = () =>
    document.querySelectorAll("[data-countdown]").forEach((line) => {
      if (!ends.has(line)) ends.set(line, Date.now() + 1000 * line.dataset.countdown);
      const left = Math.max(0, Math.round((ends.get(line) - Date.now()) / 1000));
      const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      line.textContent = left ? line.dataset.sayLeft.replace("{left}", clock) : line.dataset.sayOver;
      line.classList.toggle("stay-leave-soon", left < 300);
      line.hidden = false;
    });

  show();
  setInterval(show, 1000);
})();
