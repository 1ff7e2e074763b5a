// Selects bays on the plan of a level: by click, Shift-click, a frame drawn with the mouse, and the keyboard. Without it
// each bay is a checkbox, and the bar below sends the same form.
const plan = document.querySelector("[data-bays]");
const bar = document.querySelector("[data-bay-bar]");

if (plan && bar) {
  const bays = () => [...plan.querySelectorAll("input[name=bay]")];
  const bay = (key) => plan.querySelector(`input[name=bay][value="${key}"]`);
  const chosen = new Set(bays().filter((one) => one.checked).map((one) => one.value));
  const found = document.querySelector("[data-found]")?.dataset.found;
  let here = found ?? [...chosen][0] ?? bays()[0]?.value; // the one that takes the focus
  let anchor = here; // where a range begins
  let before = new Set(); // what was selected before the range
  let hadFocus = false;
  let frame = null;

  const show = () => {
    const all = bays();
    const known = new Set(all.map((one) => one.value));
    for (const key of chosen) if (!known.has(key)) chosen.delete(key);
    if (!known.has(here)) here = all[0]?.value;
    for (const one of all) {
      one.checked = chosen.has(one.value);
      one.tabIndex = one.value === here ? 0 : -1;
    }
    const { sayNone, sayOne, sayMany, stayHref } = bar.dataset;
    const words = chosen.size > 1 ? sayMany.replace("{count}", chosen.size) : chosen.size ? sayOne : sayNone;
    const count = bar.querySelector("[data-bay-count]");
    if (count.textContent !== words) count.textContent = words;
    const only = chosen.size === 1 ? bay([...chosen][0]) : null;
    bar.querySelector("[data-bay-said]").textContent = only ? only.parentElement.textContent.trim() : "";
    const stay = bar.querySelector("[data-bay-stay]");
    stay.hidden = !only?.dataset.stay;
    if (only?.dataset.stay) stay.href = stayHref.replace("NUMBER", only.dataset.stay);
    bar.classList.toggle("bay-bar-idle", !chosen.size);
  };

  const between = (from, to) => {
    const keys = bays().map((one) => one.value);
    const [first, last] = [keys.indexOf(from), keys.indexOf(to)].sort((a, b) => a - b);
    return keys.slice(Math.max(first, 0), last + 1);
  };

  const choose = (keys) => {
    chosen.clear();
    for (const key of keys) chosen.add(key);
    show();
  };

  const middle = (one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2, height };
  };

  // The bay above or below: of those in the nearest line that is far enough away, the one that is least to the side.
  const beside = (one, way) => {
    const from = middle(one);
    const others = bays()
      .map((other) => ({ other, at: middle(other) }))
      .filter(({ at }) => (at.y - from.y) * way > from.height / 2);
    const line = Math.min(...others.map(({ at }) => Math.abs(at.y - from.y)));
    const near = others.filter(({ at }) => Math.abs(at.y - from.y) < line + from.height / 2);
    return near.sort((a, b) => Math.abs(a.at.x - from.x) - Math.abs(b.at.x - from.x))[0]?.other;
  };

  const next = (one, key) => {
    const all = bays();
    if (key === "ArrowRight") return all[all.indexOf(one) + 1];
    if (key === "ArrowLeft") return all[all.indexOf(one) - 1];
    if (key === "ArrowDown") return beside(one, 1);
    if (key === "ArrowUp") return beside(one, -1);
    if (key === "Home") return all[0];
    return key === "End" ? all.at(-1) : undefined;
  };

  plan.addEventListener("keydown", (event) => {
    const one = event.target;
    if (!one.matches?.("input[name=bay]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      choose([one.value]);
      bar.querySelector("button[value=look]").click();
    }
    if (!/^(Arrow|Home|End)/.test(event.key)) return;
    event.preventDefault();
    const other = next(one, event.key);
    if (!other) return;
    here = other.value;
    if (event.shiftKey) choose([...before, ...between(anchor, here)]);
    else {
      anchor = here;
      before = new Set(chosen);
      show();
    }
    other.focus();
    other.parentElement.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  bar.closest("form").addEventListener("keydown", (event) => {
    const act = event.target.closest(".bay-act");
    if (event.key === "Escape" && act?.open) {
      act.open = false;
      bay(here)?.focus();
    } else if (event.key === "Escape") choose([]);
    else if (event.key === "Enter" && act && event.target.matches("input")) {
      event.preventDefault(); // the form's first button is another act's
      act.querySelector("button[name=act]").click();
    }
  });

  plan.addEventListener("change", (event) => {
    const one = event.target;
    if (!one.matches("input[name=bay]")) return;
    here = anchor = one.value;
    if (one.checked) chosen.add(one.value);
    else chosen.delete(one.value);
    before = new Set(chosen);
    show();
  });

  plan.addEventListener(
    "click",
    (event) => {
      const one = event.target.closest(".bay-choice")?.querySelector("input[name=bay]");
      if (frame?.isDrawn) event.preventDefault();
      else if (one && event.shiftKey) {
        event.preventDefault();
        here = one.value;
        // What a click does to a checkbox is taken back after it.
        setTimeout(() => choose([...before, ...between(anchor, here)]));
        one.focus();
      }
      frame = null;
    },
    true,
  );

  plan.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button || event.shiftKey) return;
    frame = { x: event.clientX, y: event.clientY, kept: new Set(chosen), isDrawn: false };
  });

  document.addEventListener("pointermove", (event) => {
    if (!frame || !(event.buttons & 1)) return;
    const { x, y } = frame;
    if (!frame.isDrawn && Math.hypot(event.clientX - x, event.clientY - y) < 6) return;
    if (!frame.isDrawn) {
      frame.isDrawn = true;
      frame.box = plan.appendChild(Object.assign(document.createElement("div"), { className: "bay-frame" }));
    }
    const [left, right] = [x, event.clientX].sort((a, b) => a - b);
    const [top, bottom] = [y, event.clientY].sort((a, b) => a - b);
    Object.assign(frame.box.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    const inside = bays().filter((one) => {
      const at = one.getBoundingClientRect();
      return at.left < right && at.right > left && at.top < bottom && at.bottom > top;
    });
    choose([...frame.kept, ...inside.map((one) => one.value)]);
  });

  document.addEventListener("pointerup", () => {
    frame?.box?.remove();
    before = new Set(chosen);
    // A click follows at once where the mouse has not left its bay; it is no choice then.
    if (frame) setTimeout(() => (frame = null));
  });

  plan.addEventListener("dragstart", (event) => event.preventDefault());

  // The plan is drawn again when something has changed: what is selected stays so, and the focus where it was.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target !== plan) return;
    if (frame?.isDrawn) {
      event.detail.shouldSwap = false;
      plan.liveAnswer = null;
    }
    hadFocus = plan.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== plan) return;
    show();
    if (hadFocus) bay(here)?.focus({ preventScroll: true });
  });

  show();
  if (found || (chosen.size && !document.querySelector(".refused"))) bay(here)?.focus();
}
