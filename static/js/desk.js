// The desk by keyboard: an element's data-key names its key; without this file the same links and forms are used.
(() => {
  "use strict";
  const search = document.getElementById("q");

  // Inputs and buttons get the focus, so that Enter acts; links lead on at once.
  const use = (element) => {
    const field = document.getElementById(element.dataset.focus) || element;
    if (element.type === "radio") element.checked = true;
    if (field.matches("a")) field.click();
    else field.focus();
    if (field.matches("input")) field.select();
  };

  const walk = (event) => {
    const rows = [...document.querySelectorAll(".desk-matches a")];
    const here = rows.indexOf(document.activeElement);
    if (!rows.length || (here < 0 && document.activeElement !== search)) return;
    event.preventDefault();
    const next = here + (event.key === "ArrowDown" ? 1 : -1);
    (rows[Math.min(next, rows.length - 1)] || search).focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const keyed = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)];
    const element = keyed.find((one) => one.checkVisibility());
    if (element) {
      event.preventDefault();
      use(element);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      walk(event);
    } else if (search && event.key.length === 1 && event.key !== " " && !event.target.closest("input, select, textarea")) {
      // A scanner, or somebody who just types: it goes where cars are found.
      search.focus();
      search.select();
    }
  });

  const amount = (text, digits) => {
    const typed = text.trim().replace(/['’\s]/g, "").replace(",", ".");
    return /^\d+(\.\d*)?$/.test(typed) ? Math.round(Number(typed) * 10 ** digits) : null;
  };

  // What the till must give back, before it is agreed to; the server says it again.
  document.querySelectorAll("[data-change]").forEach((output) => {
    const money = new Intl.NumberFormat("en", { style: "currency", currency: output.dataset.currency });
    const digits = money.resolvedOptions().maximumFractionDigits;
    const field = output.form.elements.tendered;
    const unsaid = output.textContent;
    field.addEventListener("input", () => {
      const given = amount(field.value, digits);
      const rest = given === null ? null : given - Number(output.dataset.due);
      const said = rest === null ? "" : money.format(Math.abs(rest) / 10 ** digits);
      output.textContent = !field.value.trim() ? unsaid : rest === null ? "" : rest < 0 ? `${said} missing` : `Change ${said}`;
      output.classList.toggle("desk-missing", rest !== null && rest < 0);
    });
  });

  const tick = () => {
    document.querySelectorAll("[data-since]").forEach((clock) => {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000));
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    });
  };

  // One press is one act; the form's key makes sure of it where this does not run.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("[data-busy]");
    if (!button) return;
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  if (document.activeElement === search) search.select();
  document.querySelector("[aria-invalid=true]:not([type=hidden])")?.focus();
  // Below each other, the panes would be scrolled to the search: the car that is being served stays in sight.
  if (document.querySelector(".desk-busy") && !document.querySelector(".refused") && window.matchMedia("(max-width: 63.99rem)").matches) window.scrollTo(0, 0);
  document.addEventListener("htmx:afterSettle", tick);
  tick();
  setInterval(tick, 1000);
})();
