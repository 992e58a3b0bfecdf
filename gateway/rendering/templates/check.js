// Reads a QR code with the camera where the browser can (BarcodeDetector), and sends the form.
// Without it nothing is shown and the form works as it is. Nothing leaves the page but the form.
"use strict";

const INTERVAL = 150; // milliseconds between two looks

async function readsCodes() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function start() {
  if (!(await readsCodes())) return;
  const area = document.getElementById("camera");
  const button = document.getElementById("scan");
  const picture = document.getElementById("picture");
  const told = document.getElementById("told");
  const field = document.getElementById("statement");
  const begin = button.textContent;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  let stream = null;

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    picture.hidden = true;
    picture.srcObject = null;
    button.textContent = begin;
    told.textContent = "";
  }

  async function look() {
    if (!stream) return;
    let codes = [];
    try {
      codes = await detector.detect(picture);
    } catch {
      codes = []; // no picture yet
    }
    if (!stream) return;
    if (codes.length) {
      field.value = codes[0].rawValue;
      stop();
      field.form.requestSubmit();
      return;
    }
    setTimeout(look, INTERVAL);
  }

  button.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      picture.srcObject = stream;
      picture.hidden = false;
      button.textContent = area.dataset.stop;
      told.textContent = area.dataset.looking;
      await picture.play();
      look();
    } catch {
      stop();
      told.textContent = area.dataset.failed;
    }
  });
  area.hidden = false;
}

start();
