// What a browser with Global Privacy Control tells scripts (W3C, Global Privacy Control, section 3.3).
Object.defineProperty(Navigator.prototype, "globalPrivacyControl", {
  configurable: true, enumerable: true, get: () => true,
})
