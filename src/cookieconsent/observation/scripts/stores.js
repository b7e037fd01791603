// The names of databases, caches and service workers of a page; nothing where it may have none.
async () => {
  const asked = async (ask) => { try { return await ask() } catch { return [] } }
  return {
    "IndexedDB": await asked(async () => (await indexedDB.databases()).map(found => found.name)),
    "cache": await asked(() => caches.keys()),
    "service worker": await asked(async () =>
      (await navigator.serviceWorker.getRegistrations()).map(found =>
        (found.active || found.waiting || found.installing).scriptURL)),
  }
}
