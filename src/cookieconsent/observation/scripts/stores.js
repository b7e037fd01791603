// The names of databases, files, caches and service workers of a document; nothing where it may have none.
async () => {
  const asked = async (ask) => { try { return await ask() } catch { return [] } }
  const listed = async (names) => { const all = []; for await (const name of names) all.push(name); return all }
  return {
    "IndexedDB": await asked(async () => (await indexedDB.databases()).map(found => found.name)),
    "cache": await asked(() => caches.keys()),
    "file": await asked(async () => listed((await navigator.storage.getDirectory()).keys())),
    "storage bucket": await asked(() => navigator.storageBuckets.keys()),
    "service worker": await asked(async () =>
      (await navigator.serviceWorker.getRegistrations()).map(found =>
        (found.active || found.waiting || found.installing).scriptURL)),
  }
}
