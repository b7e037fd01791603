// How wide the document is, whatever its elements are called.
function () {
  const get = (owner, name, of) => Object.getOwnPropertyDescriptor(owner, name).get.call(of)
  const root = get(Document.prototype, "documentElement", document)
  return root ? get(Element.prototype, "scrollWidth", root) : 0
}
