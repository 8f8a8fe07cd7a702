// Turn notifications on: ask the browser, and send what it answers as an ordinary form.
const form = document.querySelector("[data-push]");
const trouble = document.querySelector("[data-push-trouble]");

function bytes(base64url) {
  const padded = base64url.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(base64url.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
}

async function subscription() {
  await navigator.serviceWorker.register(form.dataset.worker);
  const { pushManager } = await navigator.serviceWorker.ready;
  const kept = await pushManager.getSubscription();
  if (kept) await kept.unsubscribe(); // it may be for an older key of the portal
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
}

async function turnOn(event) {
  event.preventDefault();
  try {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("refused");
    const { endpoint, keys } = (await subscription()).toJSON();
    for (const [name, value] of Object.entries({ endpoint, ...keys })) {
      if (form.elements[name]) form.elements[name].value = value;
    }
    form.submit();
  } catch {
    trouble.textContent = "Your browser did not allow it. Allow notifications for this site in its settings, and try again.";
    trouble.setAttribute("role", "alert");
    trouble.hidden = false;
  }
}

if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  form.hidden = false;
  trouble.hidden = true;
  form.addEventListener("submit", turnOn);
}
