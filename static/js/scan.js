// Reads the code of a ticket with the camera, where the browser can; without it the number or plate is typed.
(() => {
  "use strict";
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  document.querySelectorAll("[data-scan]").forEach((box) => {
    const [button, view, said] = ["button", "video", "[role=status]"].map((what) => box.querySelector(what));
    const field = document.getElementById(box.dataset.scan);
    let stream = null;
    const stop = () => {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      stream = null;
      view.hidden = true;
    };
    const look = async (detector) => {
      if (!stream) return;
      const found = await detector.detect(view).catch(() => []);
      if (found.length) {
        field.value = found[0].rawValue;
        said.textContent = box.dataset.sayFound;
        stop();
        return;
      }
      window.setTimeout(look, 200, detector);
    };
    button.addEventListener("click", async () => {
      if (stream) {
        stop();
        return;
      }
      try {
        const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        view.srcObject = stream;
        view.hidden = false;
        said.textContent = box.dataset.sayLooking;
        await view.play();
        look(detector);
      } catch {
        stop();
        said.textContent = box.dataset.sayRefused;
      }
    });
    box.hidden = false;
  });
})();
