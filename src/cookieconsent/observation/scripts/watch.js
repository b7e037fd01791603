// Tells what the scripts of a page store, and which script it was. Runs before any of them.
(() => {
  const name = "%BINDING%"
  const bound = window[name]
  if (typeof bound !== "function") return
  const tell = bound.bind(window)
  delete window[name]
  // As they are before a page can change them.
  const NativeError = Error, stringify = JSON.stringify, Address = URL, origin = self.origin
  const { apply, defineProperty, getOwnPropertyDescriptor: describe } = Reflect

  const stack = () => {
    let limit, prepare
    try {
      limit = NativeError.stackTraceLimit
      prepare = describe(NativeError, "prepareStackTrace")
      NativeError.stackTraceLimit = 50
      if (prepare) NativeError.prepareStackTrace = undefined
      return `${new NativeError().stack}`
    } catch {
      return ""  // a page may keep it to itself
    } finally {
      NativeError.stackTraceLimit = limit
      if (prepare) defineProperty(NativeError, "prepareStackTrace", prepare)
    }
  }

  const say = (kind, key, value) => {
    try {
      tell(stringify({
        __proto__: null, kind, key: `${key}`, value: value === undefined ? "" : `${value}`,
        stack: stack(), url: location.href, origin,
      }))
    } catch {
      // what cannot be told must not stop the page
    }
  }

  // A function that does what the native one does, and looks like it; we hear of it.
  const watched = (native, note) => new Proxy(native, {
    __proto__: null,
    apply(_, owner, values) {
      const result = apply(native, owner, values)
      try { note(owner, values[0], values[1]) } catch { /* as above */ }
      return result
    },
  })

  const wrap = (owner, method, note) => {
    const descriptor = owner && describe(owner.prototype, method)
    if (!descriptor || typeof descriptor.value !== "function") return
    descriptor.value = watched(descriptor.value, note)
    defineProperty(owner.prototype, method, descriptor)
  }

  const cookie = describe(Document.prototype, "cookie")
  if (cookie && cookie.set && cookie.configurable) {
    const { set } = cookie
    cookie.set = new Proxy(set, {
      __proto__: null,
      apply(_, owner, values) {
        const line = `${values[0]}`  // once, since it may be another one next time
        apply(set, owner, [line])
        say("cookie", line)
      },
    })
    defineProperty(Document.prototype, "cookie", cookie)
  }

  const isLocal = storage => {
    try { return storage === window.localStorage } catch { return false }
  }
  wrap(window.Storage, "setItem", (storage, key, value) =>
    say(isLocal(storage) ? "localStorage" : "sessionStorage", key, value))
  wrap(window.IDBFactory, "open", (_, key) => say("IndexedDB", key))
  wrap(window.CacheStorage, "open", (_, key) => say("cache", key))
  wrap(window.ServiceWorkerContainer, "register", (_, key) =>
    say("service worker", new Address(key, document.baseURI).href))

  const line = (given, value) => {
    const options = typeof given === "object" ? given : { name: given, value }
    const when = options.expires === undefined || options.expires === null ? ""
      : "; Expires=" + new Date(Number(options.expires)).toUTCString()
    return `${options.name}=${options.value}; Path=${options.path || "/"}` + when
      + (options.domain ? `; Domain=${options.domain}` : "")
      + `; Secure; SameSite=${options.sameSite || "strict"}`
      + (options.partitioned ? "; Partitioned" : "")
  }
  wrap(window.CookieStore, "set", (_, given, value) => say("cookie", line(given, value)))
  wrap(window.CookieStore, "delete", (_, given) => {
    const options = typeof given === "object" ? given : { name: given }
    say("cookie", line({ ...options, value: "", expires: 0 }))
  })
})()
