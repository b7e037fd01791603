// Tells what the scripts of a page store, and which script it was. Runs before any of them.
(() => {
  const name = "%BINDING%"
  const bound = window[name]
  if (typeof bound !== "function") return
  const tell = bound.bind(window)
  delete window[name]
  const NativeError = Error, stringify = JSON.stringify, text = String

  const stack = () => {
    const limit = NativeError.stackTraceLimit
    NativeError.stackTraceLimit = 50
    const found = new NativeError().stack
    NativeError.stackTraceLimit = limit
    return text(found)
  }

  const say = (kind, key, value) => {
    try {
      tell(stringify({
        kind, key: text(key), value: value === undefined ? "" : text(value), stack: stack(),
        url: location.href, origin: self.origin,
      }))
    } catch {
      // what cannot be told must not stop the page
    }
  }

  // Wraps a method: the page gets what the method gives, and we hear of it.
  const wrap = (owner, method, note) => {
    const native = owner && owner.prototype && owner.prototype[method]
    if (typeof native !== "function") return
    const descriptor = Object.getOwnPropertyDescriptor(owner.prototype, method)
    descriptor.value = {
      [method](...values) {
        const result = Reflect.apply(native, this, values)
        try { note(this, values) } catch { /* as above */ }
        return result
      },
    }[method]
    Object.defineProperty(owner.prototype, method, descriptor)
  }

  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie")
  if (cookie && cookie.set && cookie.configurable) {
    Object.defineProperty(Document.prototype, "cookie", {
      ...cookie,
      set(line) {
        Reflect.apply(cookie.set, this, [line])
        say("cookie", line)
      },
    })
  }

  const isLocal = storage => {
    try { return storage === window.localStorage } catch { return false }
  }
  wrap(window.Storage, "setItem", (storage, [key, value]) =>
    say(isLocal(storage) ? "localStorage" : "sessionStorage", key, value))
  wrap(window.IDBFactory, "open", (_, [key]) => say("IndexedDB", key))
  wrap(window.CacheStorage, "open", (_, [key]) => say("cache", key))
  wrap(window.ServiceWorkerContainer, "register", (_, [key]) =>
    say("service worker", new URL(key, document.baseURI).href))

  const line = (given, value) => {
    const options = typeof given === "object" ? given : { name: given, value }
    const when = options.expires === undefined || options.expires === null ? ""
      : "; Expires=" + new Date(Number(options.expires)).toUTCString()
    return `${options.name}=${options.value}; Path=${options.path || "/"}` + when
      + (options.domain ? `; Domain=${options.domain}` : "")
      + `; Secure; SameSite=${options.sameSite || "strict"}`
      + (options.partitioned ? "; Partitioned" : "")
  }
  wrap(window.CookieStore, "set", (_, [given, value]) => say("cookie", line(given, value)))
  wrap(window.CookieStore, "delete", (_, [given]) => {
    const options = typeof given === "object" ? given : { name: given }
    say("cookie", line({ ...options, value: "", expires: 0 }))
  })
})()
