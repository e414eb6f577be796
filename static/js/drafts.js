// What is typed and not yet saved outlives a session that has ended: it stays in this tab, for this person
// alone, until it is saved, given up, or the person logs out. Neither passwords nor files are kept.
(() => {
  "use strict";
  const PREFIX = "draft:";
  const KEPT_FOR = 24 * 60 * 60 * 1000;
  const body = document.body;
  const user = body.dataset.user || "";
  let store;
  try { store = window.sessionStorage; store.length; } catch { return; }

  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const write = (key, draft) => { try { store.setItem(key, JSON.stringify(draft)); } catch { /* full: no draft */ } };
  const keys = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  const drafts = () => keys().map((key) => [key, read(key)]).filter(([, draft]) => draft);

  // A page without a frame: the log-in or a fault. What was on its way did not arrive.
  if (!user) {
    for (const [key, draft] of drafts()) write(key, { ...draft, survived: true });
    const last = drafts().sort((a, b) => b[1].at - a[1].at)[0];
    for (const place of last ? document.querySelectorAll("[data-draft]") : []) {
      place.hidden = false;
      for (const link of place.querySelectorAll("a[data-draft-page]")) link.href = last[1].page;
    }
    return;
  }

  const SKIPPED = ["password", "file", "hidden", "submit", "button", "reset", "image"];
  const isKept = (field) => field.name && !field.disabled && !field.readOnly
    && (field.name === "seen" || !SKIPPED.includes(field.type));
  const fieldsOf = (form) => [...form.elements].filter(isKept);
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const valueOf = (field) => isTicked(field) ? field.checked
    : field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value;
  const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const idOf = (field) => isTicked(field) ? `${field.name}=${field.value}` : field.name;
  const put = (field, value) => {
    if (isTicked(field)) field.checked = value;
    else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  };

  const restored = [];
  const follow = (form, key) => {
    const first = new Map(fieldsOf(form).map((field) => [field, valueOf(field)]));
    const touched = new Set();
    const before = read(key);
    const keep = (more) => {
      const changed = fieldsOf(form).filter((field) => touched.has(idOf(field)) || field.name === "seen");
      const fields = Object.fromEntries(changed.map((field) => [idOf(field), valueOf(field)]));
      const page = location.pathname + location.search;
      write(key, { user, at: Date.now(), page, fields, ...more });
    };
    form.addEventListener("input", (event) => {
      if (!isKept(event.target)) return;
      touched.add(idOf(event.target));
      keep({});
    });
    form.addEventListener("submit", () => { if (touched.size) keep({ submitted: true }); });
    form.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) store.removeItem(key); });
    if (!before) return;
    store.removeItem(key);
    if (before.user !== user || Date.now() - before.at > KEPT_FOR) return;
    const typed = fieldsOf(form).filter((field) => idOf(field) in before.fields && field.name !== "seen");
    if (before.survived) {
      const different = typed.filter((field) => !isSame(valueOf(field), before.fields[idOf(field)]));
      if (!different.length) return;
      for (const field of fieldsOf(form)) {
        // With the version that was seen then: whoever changed the record meanwhile is not overwritten.
        if (field.name === "seen" && "seen" in before.fields) field.value = before.fields.seen;
      }
      for (const field of different) put(field, before.fields[idOf(field)]);
      restored.push(() => {
        for (const [field, value] of first) put(field, value);
        touched.clear();
        store.removeItem(key);
      });
    } else {
      // Refused, and the form came back with what was typed: it still is not saved.
      for (const field of typed) if (isSame(valueOf(field), before.fields[idOf(field)])) touched.add(idOf(field));
    }
  };

  // A form that says with `data-keep` what it is about: its words wait while one turns to others, until they are sent.
  const keepOf = (form) => `${PREFIX}keep|${form.dataset.keep}`;
  const putBack = () => {
    for (const form of document.querySelectorAll("form[data-keep]")) {
      const before = read(keepOf(form));
      if (!before || before.user !== user) continue;
      for (const field of fieldsOf(form)) if (!field.value) field.value = before.fields[idOf(field)] || "";
    }
  };
  document.addEventListener("input", (event) => {
    const { form } = event.target;
    if (!form || !form.dataset.keep || !isKept(event.target)) return;
    const fields = Object.fromEntries(fieldsOf(form).map((field) => [idOf(field), valueOf(field)]));
    write(keepOf(form), { user, at: Date.now(), page: location.pathname + location.search, fields, waits: true });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig.elt;
    if (form.dataset.keep && event.detail.successful) store.removeItem(keepOf(form));
  });
  for (const name of ["htmx:load", "htmx:historyRestore"]) document.addEventListener(name, putBack);

  const own = [...document.querySelectorAll("form")].filter((form) => form.method === "post" && !form.dataset.keep
    && !form.closest("[data-no-draft]") && fieldsOf(form).some((field) => field.name !== "seen"));
  const here = new Set();
  own.forEach((form, index) => {
    const key = `${PREFIX}${location.pathname}|${form.getAttribute("action") || ""}|${index}`;
    here.add(key);
    follow(form, key);
  });
  // Of other pages only what waits for its page, as after a log-in.
  for (const [key, draft] of drafts()) {
    const waits = (draft.survived || draft.waits) && draft.user === user && Date.now() - draft.at < KEPT_FOR;
    if (!here.has(key) && !waits) store.removeItem(key);
  }

  const template = document.getElementById("notice-restored");
  if (restored.length && template) {
    const note = template.content.cloneNode(true).firstElementChild;
    note.querySelector("button").addEventListener("click", () => {
      for (const undo of restored) undo();
      note.remove();
    });
    document.getElementById("notices").prepend(note);
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-log-out]")) for (const key of keys()) store.removeItem(key);
  });
})();
