// Measures a control: its box, its letters, and the colours as they are on the screen.
element => {
  const canvas = document.createElement("canvas")
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
  const behind = []
  for (let at = element; at; at = at.parentElement || (at.getRootNode().host ?? null))
    behind.unshift(getComputedStyle(at).backgroundColor)
  const style = getComputedStyle(element), box = element.getBoundingClientRect()
  return {
    tag: element.localName,
    area: box.width * box.height,
    font_size: parseFloat(style.fontSize),
    font_weight: parseInt(style.fontWeight),
    colour: blend([...behind, style.color]),
    background: blend(behind),
    width: box.width, height: box.height, x: box.x + scrollX, y: box.y + scrollY,
  }
}
