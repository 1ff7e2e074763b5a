/* Shows the provider's card form. Its secret stands after the # of the address, as the provider wrote it. */
(async () => {
  const place = document.getElementById("card-form");
  try {
    const provider = window.Stripe(place.dataset.key);
    const form = await provider.createEmbeddedCheckoutPage({ fetchClientSecret: async () => location.hash.slice(1) });
    form.mount(place);
  } catch {
    document.getElementById("card-form-failed").hidden = false;
  }
})();
