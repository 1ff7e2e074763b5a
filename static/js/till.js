// Counting a drawer by the numeric keypad: Enter walks the boxes, and the sum of what is typed is shown; the server adds up as well.
(() => {
  "use strict";
  document.querySelectorAll("[data-walk]").forEach((form) => {
    const boxes = [...form.querySelectorAll("input:not([type=hidden])")];
    form.addEventListener("keydown", (event) => {
      const here = boxes.indexOf(event.target);
      if (event.key !== "Enter" || here < 0) return;
      event.preventDefault();
      const next = boxes[here + 1] || form.querySelector("button");
      next.focus();
      if (next.matches("input")) next.select();
    });
    const shown = form.querySelector("[data-counted]");
    const { currency, digits: exponent } = shown.dataset;
    const digits = Number(exponent);
    const format = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
    const money = new Intl.NumberFormat(document.documentElement.lang, format);
    form.addEventListener("input", () => {
      const pieces = boxes.filter((box) => box.dataset.piece && /^\d+$/.test(box.value.trim()));
      const sum = pieces.reduce((total, box) => total + Number(box.dataset.piece) * Number(box.value), 0);
      shown.querySelector("strong").textContent = pieces.length ? money.format(sum / 10 ** digits) : "–";
    });
  });
})();
