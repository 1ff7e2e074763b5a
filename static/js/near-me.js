// Offers to sort the lots by nearness; the position goes into the search form's own fields.
(() => {
  "use strict";
  const button = document.querySelector("[data-near-me]");
  if (!button || !navigator.geolocation) return;
  const said = document.querySelector("[data-near-me-said]");
  button.hidden = false;

  const search = ({ coords }) => {
    const form = button.form;
    form.elements.lat.value = coords.latitude.toFixed(5);
    form.elements.lng.value = coords.longitude.toFixed(5);
    form.submit();
  };

  const refuse = () => {
    button.disabled = false;
    said.textContent = button.dataset.sayRefused;
  };

  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = button.dataset.sayAsking;
    navigator.geolocation.getCurrentPosition(search, refuse, { maximumAge: 60000, timeout: 10000 });
  });
})();
