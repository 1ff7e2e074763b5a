// Finding a lot: the browser's position and a click on the map go into the search form's own fields. With a tile server
// the drawn map becomes one that can be moved; its pins are those of the drawn one, and those the server tells elsewhere.
(() => {
  "use strict";
  const form = document.getElementById("find-form");
  const drawn = document.getElementById("find-drawn");
  const tiles = document.getElementById("find-tiles");

  const searchFrom = (latitude, longitude) => {
    form.elements.lat.value = latitude.toFixed(5);
    form.elements.lng.value = longitude.toFixed(5);
    form.requestSubmit();
  };

  const button = document.querySelector("[data-near-me]");
  if (navigator.geolocation) {
    const said = document.querySelector("[data-near-me-said]");
    const settle = (text) => {
      button.disabled = false;
      said.textContent = text;
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      button.disabled = true;
      said.textContent = button.dataset.sayAsking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          settle("");
          searchFrom(coords.latitude, coords.longitude);
        },
        () => settle(button.dataset.sayRefused),
        { maximumAge: 60000, timeout: 10000 },
      );
    });
  }

  const north = (latitude) => Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));

  drawn.addEventListener("click", (event) => {
    const map = event.target.closest(".drawn-map");
    if (!map || event.target.closest("a")) return;
    const box = map.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    const area = Object.fromEntries(["south", "north", "west", "east"].map((side) => [side, Number(map.dataset[side])]));
    const height = north(area.north) - down * (north(area.north) - north(area.south));
    searchFrom((Math.atan(Math.sinh(height)) * 180) / Math.PI, area.west + across * (area.east - area.west));
  });

  const showHint = () => drawn.querySelectorAll("[data-map-click]").forEach((hint) => (hint.hidden = false));
  showHint();

  if (!tiles.dataset.tiles || !window.L) {
    document.addEventListener("htmx:afterSettle", showHint);
    return;
  }

  const { L } = window;
  tiles.hidden = false;
  drawn.hidden = true;
  const map = L.map(tiles, { worldCopyJump: true }).on("click", ({ latlng }) => searchFrom(latlng.lat, latlng.lng));
  L.tileLayer(tiles.dataset.tiles, { attribution: tiles.dataset.attribution, maxZoom: 19 }).addTo(map);
  const listed = L.layerGroup().addTo(map);
  const others = L.layerGroup().addTo(map);
  let shown = "";

  const marker = (latitude, longitude, { className, text, name, href }) =>
    L.marker([latitude, longitude], {
      icon: L.divIcon({ className: `map-pin ${className}`, html: "", iconSize: null }),
      alt: name,
      title: name,
    })
      .on("click", () => window.location.assign(href))
      .on("add", ({ target }) => {
        target.getElement().textContent = text;
        target.getElement().setAttribute("aria-label", name);
      });

  // An anchor of SVG has no text as its `href`.
  const hrefOf = (pin) => pin.getAttribute("href");

  const showListed = () => {
    const pins = [...drawn.querySelectorAll("a[data-lat]:not(.pin-other)")];
    const told = pins.map((pin) => hrefOf(pin) + pin.textContent).join();
    if (!pins.length || told === shown) return;
    shown = told;
    listed.clearLayers();
    pins.forEach((pin) => {
      const kind = pin.classList.contains("pin-full") ? "map-pin-full" : "";
      const about = { className: kind, text: pin.textContent.trim(), name: pin.getAttribute("aria-label"), href: hrefOf(pin) };
      marker(Number(pin.dataset.lat), Number(pin.dataset.lng), about).addTo(listed);
    });
    map.fitBounds(pins.map((pin) => [Number(pin.dataset.lat), Number(pin.dataset.lng)]), { maxZoom: 15, padding: [40, 40] });
  };

  const showOthers = async () => {
    const bounds = map.getBounds();
    const asked = new URLSearchParams(new FormData(form));
    const clamp = (value, most) => Math.max(-most, Math.min(most, value)).toFixed(6);
    asked.set("south", clamp(bounds.getSouth(), 90));
    asked.set("north", clamp(bounds.getNorth(), 90));
    asked.set("west", clamp(bounds.getWest(), 180));
    asked.set("east", clamp(bounds.getEast(), 180));
    const answer = await fetch(`${tiles.dataset.pins}?${asked}`).catch(() => null);
    if (!answer || !answer.ok) return;
    const { pins } = await answer.json();
    const known = new Set([...drawn.querySelectorAll("a[data-lat]:not(.pin-other)")].map((pin) => hrefOf(pin).split("?")[0]));
    others.clearLayers();
    pins
      .filter((pin) => pin.lots > 1 || !known.has(pin.href))
      .forEach((pin) => {
        const name = pin.lots > 1 ? tiles.dataset.sayLots.replace("{count}", pin.lots) : pin.name;
        const text = pin.lots > 1 ? String(pin.lots) : "";
        marker(pin.lat, pin.lng, { className: "map-pin-other", text, name, href: pin.href }).addTo(others);
      });
  };

  map.on("moveend", showOthers);
  showListed();
  document.addEventListener("htmx:afterSettle", showListed);
})();
