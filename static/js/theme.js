// Switches the theme without a reload; without this file the same form does it with one.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const secure = window.location.protocol === "https:" ? "; secure" : "";

  const remember = (theme) => {
    const system = dark.matches ? "dark" : "light";
    if (theme === system) {
      delete root.dataset.theme;
      document.cookie = "theme=; path=/; max-age=0; samesite=lax";
    } else {
      root.dataset.theme = theme;
      document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    }
  };

  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".theme-switch") || !event.submitter) return;
    event.preventDefault();
    remember(event.submitter.value);
    event.target.querySelectorAll("button").forEach((button) => {
      if (button.checkVisibility()) button.focus();
    });
  });
})();
