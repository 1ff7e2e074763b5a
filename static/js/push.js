// Keeps the streams of events that htmx's extension asks for: one for each address, only while the page is seen. While
// one lives, the parts that listen to it ask for themselves only now and then; without it they ask as often as before.
(() => {
  "use strict";
  const SILENT = 40_000; // the server says every 15 s that it is there
  const SELDOM = 30_000;
  const HIDDEN = 20_000;
  const SOONEST = 1_000; // between two answers to one event
  const LONGEST_WAIT = 60_000;
  const loadedAt = Date.now();
  const lines = new Map();

  class Line {
    constructor(url) {
      this.url = url;
      this.listeners = new Map();
      this.users = 0;
      this.refreshed = new Map();
      this.planned = new Map();
      this.tries = 0;
      this.isLive = false;
      this.open();
    }

    open() {
      clearTimeout(this.retry);
      if (this.source || document.hidden) return;
      this.heardAt = Date.now();
      this.source = new EventSource(this.url);
      this.source.addEventListener("beat", (event) => this.hear(event.data === "on"));
      this.source.onerror = () => this.lose();
      for (const name of this.listeners.keys()) this.listen(name);
    }

    listen(name) {
      this.source?.addEventListener(name, (event) => {
        this.hear(true);
        const told = JSON.parse(event.data);
        show(told);
        this.plan(name, told.spread * 1000);
      });
    }

    hear(isLive) {
      this.heardAt = Date.now();
      this.tries = 0;
      this.mark(isLive);
      if (isLive) document.dispatchEvent(new CustomEvent("live:heard"));
    }

    mark(isLive) {
      this.isLive = isLive;
      document.querySelectorAll("[data-live]").forEach((part) => {
        if (lineOf(part) === this) part.classList.toggle("live-pushed", isLive);
      });
    }

    // The browser comes back by itself from a broken connection, but not from a refusal.
    lose() {
      this.mark(false);
      if (this.source?.readyState !== EventSource.CLOSED) return;
      this.shut();
      const longest = Math.min(LONGEST_WAIT, 2_000 * 2 ** this.tries++);
      this.retry = setTimeout(() => this.open(), longest * (0.5 + Math.random() / 2));
    }

    shut() {
      this.source?.close();
      this.source = null;
      this.mark(false);
      clearTimeout(this.retry);
    }

    // Many follow the same lot: each asks for its part at another moment of the spread that the server names.
    plan(name, spread) {
      if (this.planned.has(name)) return;
      const rest = Math.max(0, SOONEST - (Date.now() - (this.refreshed.get(name) ?? 0)));
      this.planned.set(name, setTimeout(() => this.refresh(name), rest + Math.random() * spread));
    }

    refresh(name) {
      clearTimeout(this.planned.get(name));
      this.planned.delete(name);
      this.refreshed.set(name, Date.now());
      for (const listener of [...(this.listeners.get(name) ?? [])]) listener(new MessageEvent(name));
    }

    watch() {
      if (this.source && Date.now() - this.heardAt > SILENT) {
        this.shut();
        this.open();
      }
    }
  }

  // What the extension takes for an EventSource. It never says that it is closed, so the extension opens no other.
  class SharedSource {
    constructor(url) {
      this.line = lines.get(url) ?? new Line(url);
      lines.set(url, this.line);
      this.line.users += 1;
      this.own = [];
    }

    addEventListener(name, listener) {
      const { listeners } = this.line;
      if (!listeners.has(name)) {
        listeners.set(name, new Set());
        this.line.listen(name);
      }
      listeners.get(name).add(listener);
      this.own.push([name, listener]);
    }

    removeEventListener(name, listener) {
      this.line.listeners.get(name)?.delete(listener);
    }

    // A part that is swapped closes its source and opens it again at once.
    close() {
      for (const [name, listener] of this.own) this.removeEventListener(name, listener);
      if (this.isClosed) return;
      this.isClosed = true;
      this.line.users -= 1;
      setTimeout(() => {
        if (this.line.users || lines.get(this.line.url) !== this.line) return;
        lines.delete(this.line.url);
        this.line.shut();
      }, SOONEST);
    }
  }

  // A lot's number shows at once, the rest of the part follows. That it is full, or no longer, is said in other words.
  const show = ({ lot, free }) => {
    if (!lot || !free) return;
    const text = free.toLocaleString(document.documentElement.lang);
    document.querySelectorAll(`[data-free="${CSS.escape(lot)}"]`).forEach((place) => {
      if (place.textContent === text || !/[1-9]/.test(place.textContent)) return;
      place.textContent = text;
      place.closest("[data-live]").liveAnswer = null;
    });
  };

  const lineOf = (part) => {
    const listening = part.closest("[sse-connect]") ?? part.querySelector("[sse-connect]");
    return lines.get(listening?.getAttribute("sse-connect"));
  };

  // A request without an event is one of those that a part sends by itself again and again.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.target.closest("[data-live]");
    if (!part) return;
    const isPolled = !event.detail.requestConfig.triggeringEvent;
    if (isPolled && lineOf(part)?.isLive && Date.now() - (part.askedAt ?? loadedAt) < SELDOM) event.preventDefault();
    else part.askedAt = Date.now();
  });

  let hiding;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => lines.forEach((line) => line.shut()), HIDDEN);
      return;
    }
    lines.forEach((line) => {
      if (line.source) return;
      line.open();
      for (const name of line.listeners.keys()) line.refresh(name);
    });
  });
  addEventListener("pagehide", () => lines.forEach((line) => line.shut()));
  addEventListener("pageshow", (event) => event.persisted && lines.forEach((line) => line.open()));
  setInterval(() => lines.forEach((line) => line.watch()), 5_000);

  htmx.createEventSource = (url) => new SharedSource(url);
})();
