// Where a menu is wider than the screen, it opens at the page that is shown.
(() => {
  "use strict";
  document.querySelectorAll("nav ul").forEach((list) => {
    const current = list.querySelector("[aria-current]");
    if (!current || list.scrollWidth <= list.clientWidth) return;
    const item = current.getBoundingClientRect();
    const box = list.getBoundingClientRect();
    list.scrollLeft += item.left + item.width / 2 - (box.left + box.width / 2);
  });
})();
