// The first element that each selector finds, in open shadow trees too: its box, its letters, its words,
// and the colours as they are on the screen. Nothing that a page names, or its built-ins, is asked.
function (selectors) {
  const get = (owner, name, of) => Object.getOwnPropertyDescriptor(owner, name).get.call(of)
  const first = (root, selector) => {
    const owner = root === document ? Document.prototype : DocumentFragment.prototype
    const found = owner.querySelector.call(root, selector)
    if (found) return found
    for (const host of owner.querySelectorAll.call(root, "*")) {
      const tree = get(Element.prototype, "shadowRoot", host)
      const inner = tree && first(tree, selector)
      if (inner) return inner
    }
    return null
  }
  const above = element => get(Node.prototype, "parentElement", element)
    || Node.prototype.getRootNode.call(element).host || null
  const canvas = Document.prototype.createElement.call(document, "canvas")
  canvas.width = canvas.height = 1
  const brush = canvas.getContext("2d", { willReadFrequently: true })
  // Colours lie over each other as they do on the page, white paper below.
  const blend = colours => {
    brush.globalAlpha = 1
    brush.fillStyle = "#fff"
    brush.fillRect(0, 0, 1, 1)
    for (const colour of colours) {
      brush.fillStyle = "rgba(0, 0, 0, 0)"
      brush.fillStyle = colour
      brush.fillRect(0, 0, 1, 1)
    }
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data
    return "#" + [red, green, blue].map(part => part.toString(16).padStart(2, "0")).join("")
  }
  // Whether its middle is in the window and nothing else lies there.
  const onTop = (element, x, y) => {
    const root = Node.prototype.getRootNode.call(element)
    const owner = root instanceof ShadowRoot ? ShadowRoot.prototype : Document.prototype
    const hit = owner.elementFromPoint.call(root, x, y)
    return hit !== null && Node.prototype.contains.call(element, hit)
  }
  const measured = element => {
    const behind = []
    let density = 1
    for (let at = element; at; at = above(at)) {
      const style = getComputedStyle(at)
      behind.unshift(style.backgroundColor)
      density *= parseFloat(style.opacity)
    }
    const style = getComputedStyle(element)
    const box = Element.prototype.getBoundingClientRect.call(element)
    const visible = box.width > 0 && box.height > 0 && style.visibility === "visible" && density > 0.1
    return {
      tag: get(Element.prototype, "localName", element),
      text: get(HTMLElement.prototype, "innerText", element).trim(),
      font_size: parseFloat(style.fontSize),
      font_weight: parseInt(style.fontWeight),
      colour: blend([...behind, style.color]),
      background: blend(behind),
      width: box.width, height: box.height, x: box.x + scrollX, y: box.y + scrollY,
      visible,
      at_hand: visible && onTop(element, box.x + box.width / 2, box.y + box.height / 2),
    }
  }
  const found = {}
  for (const [name, selector] of Object.entries(selectors)) {
    const element = selector && first(document, selector)
    if (element instanceof HTMLElement) found[name] = measured(element)
  }
  return found
}
