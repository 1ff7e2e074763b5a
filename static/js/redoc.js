// Draws the API's document to read.
(() => {
  "use strict";
  const place = document.getElementById("redoc");
  Redoc.init(place.dataset.document, JSON.parse(place.dataset.settings), place);
})();
