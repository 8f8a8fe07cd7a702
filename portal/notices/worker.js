// Shows what the portal pushes, and opens its link. It keeps nothing and fetches nothing.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // Whatever came, a browser wants to be shown something.
  }
  const title = String(told.title || "Something is new for you in Candour");
  const link = String(told.link || "/");
  event.waitUntil(self.registration.showNotification(title, { data: { link }, icon: "/static/img/mark.svg", tag: link }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data.link, self.location.origin);
  if (address.origin === self.location.origin) event.waitUntil(self.clients.openWindow(address.href));
});
