// Shows the HTML that the kernel makes, and tells it what somebody does with it. Nothing is decided here.

const AFTER_TYPING = 250; // milliseconds

// What stands in the fields of a form. A password leaves its field here, and is nowhere else from then on.
function valuesOf(form) {
  const values = {};
  for (const field of form.querySelectorAll("[name]")) {
    values[field.name] = field.type === "checkbox" ? field.checked : field.value;
    if (field.type === "password") field.value = "";
  }
  return values;
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id || "" : "";
}

function isSame(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
}

// A field keeps what somebody is typing into it, unless the kernel means it to change.
function updateField(from, to) {
  const forced = from.dataset.force !== to.dataset.force;
  if (from.type === "checkbox") {
    from.checked = to.hasAttribute("checked");
    return;
  }
  const before = from.nodeName === "TEXTAREA" ? from.textContent : from.getAttribute("value") ?? "";
  const after = from.nodeName === "TEXTAREA" ? to.textContent : to.getAttribute("value") ?? "";
  const typing = from === from.getRootNode().activeElement;
  if (forced || (before !== after && !typing)) from.value = to.value;
}

// Makes one element like another one, and keeps what is alike: the focus, what is unfolded, what is being typed.
function morph(from, to) {
  if (["INPUT", "TEXTAREA"].includes(from.nodeName)) updateField(from, to);
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) from.removeAttribute(name);
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value && !(name === "open" && from.nodeName === "DETAILS")) {
      from.setAttribute(name, value);
    }
  }
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    let found = at;
    while (found && !isSame(found, wanted)) found = keyOf(wanted) ? found.nextSibling : null;
    if (!found) {
      from.insertBefore(wanted.cloneNode(true), at);
      continue;
    }
    if (found !== at) from.insertBefore(found, at);
    else at = at.nextSibling;
    if (found.nodeType === Node.ELEMENT_NODE) morph(found, wanted);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
  if (from.nodeName === "SELECT" && from.value !== to.value) from.value = to.value;
}

function render({ model, el }) {
  const root = document.createElement("div");
  // Keys that are pressed in here are no shortcuts of JupyterLab.
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);
  let clock = null;
  const waiting = new Map();

  const send = (action, value, values) => {
    root.setAttribute("aria-busy", "true");
    model.send({ action, value: value ?? "", values: values ?? {} });
  };
  const later = (target) => {
    clearTimeout(waiting.get(target));
    const tell = () => {
      waiting.delete(target);
      send(target.dataset.input, target.value, { field: target.dataset.value ?? "" });
    };
    waiting.set(target, setTimeout(tell, AFTER_TYPING));
  };

  // The next turn comes after the answer to the last one, and none when nobody looks.
  const tick = () => {
    const timed = root.querySelector("[data-every]");
    clearTimeout(clock);
    if (timed) clock = setTimeout(() => send(timed.dataset.tick, ""), Number(timed.dataset.every));
  };

  const update = () => {
    const wanted = document.createElement("div");
    wanted.innerHTML = model.get("html");
    for (const { name, value } of root.attributes) wanted.setAttribute(name, value);
    morph(root, wanted);
  };
  const done = () => {
    root.removeAttribute("aria-busy");
    tick();
  };

  const onClick = (event) => {
    const target = event.target.closest("[data-action]:not(form)");
    if (!target || target.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    send(target.dataset.action, target.dataset.value);
  };
  const onKey = (event) => {
    const target = event.target.closest("[data-action][tabindex]");
    const form = event.target.nodeName === "INPUT" && event.target.closest("form[data-action]");
    if (target && (event.key === "Enter" || event.key === " ")) onClick(event);
    // JupyterLab keeps Enter from handing a form in.
    if (form && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit();
    }
    event.stopPropagation();
  };
  const onSubmit = (event) => {
    event.preventDefault();
    const form = event.target.closest("form[data-action]");
    if (form) send(form.dataset.action, form.dataset.value, valuesOf(form));
  };
  const onInput = (event) => {
    if (event.target.dataset.input) later(event.target);
  };
  const onChange = (event) => {
    const target = event.target;
    if (target.dataset.input && waiting.has(target)) {
      clearTimeout(waiting.get(target));
      waiting.delete(target);
      send(target.dataset.input, target.value, { field: target.dataset.value ?? "" });
    } else if (target.dataset.change) {
      const value = target.type === "checkbox" ? target.checked : target.value;
      send(target.dataset.change, value, { field: target.dataset.value ?? "" });
    }
  };

  root.addEventListener("click", onClick);
  root.addEventListener("keydown", onKey);
  root.addEventListener("submit", onSubmit);
  root.addEventListener("input", onInput);
  root.addEventListener("change", onChange);
  model.on("change:html", update);
  model.on("msg:custom", done);
  update();
  send("shown", "");
  return () => {
    clearTimeout(clock);
    model.off("change:html", update);
    model.off("msg:custom", done);
  };
}

export default { render };
