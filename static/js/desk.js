// The desk by keyboard: an element's data-key names its key, with Control or Command as "Control+z"; without this file the same links and forms are used.
(() => {
  "use strict";
  const search = document.getElementById("q");

  // Inputs and buttons get the focus, so that Enter acts; links lead on at once.
  const use = (element) => {
    const field = document.getElementById(element.dataset.focus) || element;
    if (element.type === "radio") element.checked = true;
    if (field.matches("summary")) {
      field.parentElement.open = true;
      field.parentElement.querySelector("input:not([type=hidden])").focus();
    } else if (field.matches("a")) field.click();
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
    const modified = event.ctrlKey || event.metaKey;
    // What is being typed has an undo of its own.
    if (event.altKey || event.isComposing || (modified && event.target.value)) return;
    const name = modified ? `Control+${event.key}` : event.key;
    const keyed = [...document.querySelectorAll(`[data-key="${CSS.escape(name)}"]`)];
    const element = keyed.find((one) => one.checkVisibility());
    if (element) {
      event.preventDefault();
      use(element);
    } else if (modified) {
      return;
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      walk(event);
    } else if (search && event.key.length === 1 && event.key !== " " && !event.target.closest("input, select, textarea")) {
      // A scanner, or somebody who just types: the characters go into the search.
      search.focus();
      search.select();
    }
  });

  const amount = (text, digits) => {
    const typed = text.trim().replace(/['’\s]/g, "").replace(",", ".");
    return /^\d+(\.\d*)?$/.test(typed) ? Math.round(Number(typed) * 10 ** digits) : null;
  };

  // The change to give back, before the cash is confirmed; the server works it out as well.
  document.querySelectorAll("[data-change]").forEach((output) => {
    const { currency, digits: exponent, sayMissing, sayChange } = output.dataset;
    const digits = Number(exponent); // of ISO 4217; the browser's own are those of CLDR
    const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency, ...shown });
    const field = output.form.elements.tendered;
    const unsaid = [...output.childNodes];
    const [word, sum] = [document.createElement("span"), document.createElement("strong")];
    field.addEventListener("input", () => {
      const given = amount(field.value, digits);
      const rest = given === null ? null : given - Number(output.dataset.due);
      word.textContent = rest < 0 ? sayMissing : sayChange;
      sum.textContent = rest === null ? "" : money.format(Math.abs(rest) / 10 ** digits);
      output.replaceChildren(...(!field.value.trim() ? unsaid : rest === null ? [] : [word, " ", sum]));
      output.classList.toggle("desk-missing", rest !== null && rest < 0);
    });
  });

  // The error of a field is stale as soon as the field changes.
  document.addEventListener("input", (event) => {
    const wrong = event.target.closest(".field-wrong");
    if (!wrong) return;
    wrong.classList.remove("field-wrong");
    wrong.querySelectorAll(".field-error").forEach((error) => error.remove());
    event.target.removeAttribute("aria-invalid");
  });

  const tick = () => {
    document.querySelectorAll("[data-until]").forEach((result) => {
      if (Date.now() > Date.parse(result.dataset.until)) result.remove();
    });
    document.querySelectorAll("[data-since]").forEach((clock) => {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000));
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    });
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });

  // On a phone the panes stand below each other and a keyboard covers half of them: the car being served stays in sight.
  const roomy = window.matchMedia("(min-width: 64rem) and (pointer: fine)").matches;
  const start = roomy && document.querySelector("[data-start]");
  if (start) start.focus({ preventScroll: true });
  if (document.activeElement === search) search.select();
  document.querySelector("[aria-invalid=true]:not([type=hidden])")?.focus();

  document.querySelectorAll("[data-print]").forEach((button) => {
    if (roomy) button.focus();
  });

  document.addEventListener("htmx:afterSettle", tick);
  tick();
  setInterval(tick, 1000);
})();
