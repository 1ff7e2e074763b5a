// Draws the API's document with forms that call it; a call with the browser's session carries its CSRF token.
(() => {
  "use strict";
  const place = document.getElementById("swagger");
  SwaggerUIBundle({
    ...JSON.parse(place.dataset.settings),
    dom_id: "#swagger",
    presets: [SwaggerUIBundle.presets.apis],
    requestInterceptor: (request) => {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
      return request;
    },
  });
})();
