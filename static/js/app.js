// What HTML and htmx do not do by themselves. Pages work without it, a little less comfortably.
(() => {
  "use strict";
  const root = document.documentElement;
  const body = document.body;
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // The menu of narrow screens
  const burger = document.querySelector(".burger");
  const side = document.getElementById("menu");
  const showMenu = (open) => {
    root.classList.toggle("menu-open", open);
    burger.setAttribute("aria-expanded", String(open));
    (open ? side.querySelector("a, button") : burger).focus();
  };
  if (burger && side) {
    burger.setAttribute("aria-expanded", "false");
    burger.addEventListener("click", (event) => { event.preventDefault(); showMenu(true); });
    for (const closer of $$(".side .close, .veil")) {
      closer.addEventListener("click", (event) => { event.preventDefault(); showMenu(false); });
    }
  }

  // Pop-ups are <details>: one at a time, closed by a click elsewhere and by Escape
  const popups = () => $$("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const popup of popups()) if (!popup.contains(event.target)) popup.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const popup of popups()) {
      popup.open = false;
      popup.querySelector("summary").focus();
    }
    if (root.classList.contains("menu-open")) showMenu(false);
  });

  // A button that cannot be used yet stays reachable, says why, and does nothing
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  }, true);

  // One request at a time: its button rests until the answer is there
  const rest = (button) => { button.disabled = true; button.setAttribute("aria-busy", "true"); };
  const wake = (button) => { button.disabled = false; button.removeAttribute("aria-busy"); };
  const buttonsOf = (element) => element.matches("button") ? [element]
    : element.matches("form") ? $$("button:not([disabled])", element) : [];
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.dataset.download !== undefined) return;
    setTimeout(() => { if (!event.defaultPrevented) buttonsOf(form).forEach(rest); });
  });
  window.addEventListener("pageshow", (event) => {
    $$("button[aria-busy]").forEach(wake);
    // The sheet saves by itself: what it showed before is old.
    if (event.persisted && document.querySelector(".egrid")) location.reload();
  });
  body.addEventListener("htmx:beforeRequest", (event) => buttonsOf(event.detail.elt).forEach(rest));
  body.addEventListener("htmx:afterRequest", (event) => {
    const element = event.detail.elt;
    (element.matches("form") ? $$("button[aria-busy]", element) : [element]).forEach((button) => {
      if (button.matches("button[aria-busy]")) wake(button);
    });
  });

  // What went wrong, in the server's own words
  const tell = (sentence) => {
    const place = document.getElementById("notices");
    const template = document.getElementById("notice-bad");
    if (!place || !template) return;
    const note = template.content.cloneNode(true);
    note.querySelector("p").textContent = sentence;
    place.replaceChildren(note);
    place.scrollIntoView({ block: "nearest" });
  };
  const sentenceOf = (xhr) => {
    const text = xhr.responseText.trim();
    if (!(xhr.getResponseHeader("Content-Type") || "").startsWith("text/html")) return text.slice(0, 300);
    const page = new DOMParser().parseFromString(text, "text/html");
    return (page.querySelector("[data-sentence]") || page.body).textContent.trim().slice(0, 300);
  };
  body.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    tell(sentenceOf(xhr) || `没有成功（错误 ${xhr.status}），请稍后再试。`);
  });
  body.addEventListener("htmx:sendError", () => tell("连接不上服务器，请检查网络后再试。"));
  body.addEventListener("htmx:timeout", () => tell("服务器长时间没有应答，请稍后再试。"));
  body.addEventListener("htmx:beforeSwap", (event) => {
    // Logged out meanwhile: the log-in page belongs in the window, not in a piece of this page
    const login = new URL(body.dataset.login || "/login/", location.href);
    if (new URL(event.detail.xhr.responseURL || location.href).pathname !== login.pathname) return;
    event.detail.shouldSwap = false;
    login.searchParams.set("next", location.pathname + location.search);
    location.assign(login);
  });

  // Files chosen for upload: names and sizes; too large is said before they travel
  const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
  const listFiles = (input) => {
    const list = input.closest(".field").querySelector(".chosen");
    const limit = Number(input.dataset.maxBytes);
    list.replaceChildren(...[...input.files].map((file) => {
      const line = document.createElement("li");
      const large = limit && file.size > limit;
      const about = document.createElement("span");
      about.textContent = large ? `${size(file.size)}，超过 ${size(limit)}` : size(file.size);
      line.className = large ? "bad" : "";
      line.append(file.name, about);
      return line;
    }));
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches(".drop input[type=file]")) listFiles(event.target);
  });
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => {
      const drop = event.target.closest && event.target.closest(".drop");
      if (drop) drop.classList.toggle("over", over);
    });
  }
})();
