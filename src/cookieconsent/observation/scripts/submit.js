// Sends a form that the page itself need not have.
([url, fields]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: url})
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}))
  }
  document.documentElement.append(form)
  HTMLFormElement.prototype.submit.call(form)
}
