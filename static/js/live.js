// Shows how old the live parts of a page are, and greys them while the connection is lost. The texts are attributes of
// components/freshness.html.
(() => {
  "use strict";
  let answeredAt = Date.now();
  let lost = false;

  const polled = (event) => event.target.closest("[data-live]");

  const words = (texts, seconds) => {
    if (seconds < 2) return texts.sayNow;
    if (seconds < 120) return texts.saySeconds.replace("{count}", seconds);
    return texts.sayMinutes.replace("{count}", Math.floor(seconds / 60));
  };

  const show = () => {
    const seconds = Math.round((Date.now() - answeredAt) / 1000);
    document.querySelectorAll(".freshness").forEach((line) => {
      const texts = line.dataset;
      const text = lost ? texts.sayStale : texts.sayLive;
      line.classList.toggle("freshness-lost", lost);
      line.querySelector("[data-freshness-age]").textContent = text.replace("{age}", words(texts, seconds));
      const status = line.querySelector("[role=status]");
      const said = lost ? texts.sayLost : "";
      if (status.textContent !== said) status.textContent = said;
    });
    document.querySelectorAll("[data-live]").forEach((part) => part.classList.toggle("live-lost", lost));
  };

  const settle = (isLost) => {
    lost = isLost;
    if (!isLost) answeredAt = Date.now();
    show();
  };

  // Who would be told of a change, and is told of none, is up to date.
  document.addEventListener("live:heard", () => settle(false));

  document.addEventListener("htmx:afterRequest", (event) => {
    if (polled(event)) settle(!(event.detail.successful || event.detail.xhr.status === 304));
  });

  // An answer equal to the last one is not swapped in, so focus, selection and scrolling stay where they are.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = polled(event);
    if (!part || event.target !== part) return;
    if (part.liveAnswer === event.detail.serverResponse) event.detail.shouldSwap = false;
    part.liveAnswer = event.detail.serverResponse;
  });

  if (document.querySelector("[data-live]")) {
    show();
    setInterval(show, 1000);
  }
})();
