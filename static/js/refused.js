// A value that the browser refuses must be seen: the folds around it open before the browser looks for it.
(() => {
  "use strict";
  document.addEventListener(
    "invalid",
    (event) => {
      for (let fold = event.target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    },
    true,
  );
  // An address with a place in it (#quote) keeps the browser from giving the focus by itself, and takes it away.
  window.addEventListener("load", () => {
    if (window.location.hash) document.querySelector("main .refused ~ * [autofocus], main .refused[autofocus]")?.focus();
  });
})();
