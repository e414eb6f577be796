// 审核. Without the mouse: A approves, R returns, J and K turn. Not while something is typed.
(() => {
  "use strict";
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  const comment = () => document.querySelector("#decision textarea");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
    const key = event.key.toLowerCase();
    const target = document.querySelector(`#desk [data-key="${CSS.escape(key)}"]`);
    if (!target) return;
    event.preventDefault();
    // Whoever returns must say why: the words first, then the button.
    if (key === "r" && !comment().value.trim()) comment().focus();
    else if (!target.disabled) target.click();
  });

  // The queue scrolls by itself: the row under review is in sight
  const show = () => {
    const queue = document.getElementById("queue");
    const current = queue && queue.querySelector("[aria-current]");
    if (current) queue.scrollTop = current.offsetTop - queue.clientHeight / 2;
  };
  document.addEventListener("htmx:load", show);

  // How many rows are ticked for passing together
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.bulk-pass");
    if (form) form.querySelector("[data-count]").textContent = form.querySelectorAll("input[name=item]:checked").length;
  });

  // The usual words are put behind what is written already
  document.addEventListener("click", (event) => {
    const pill = event.target.closest("[data-phrase]");
    if (!pill) return;
    const box = comment();
    const written = box.value.trim();
    if (!written.includes(pill.dataset.phrase)) {
      box.value = `${written}${written ? "；" : ""}${pill.dataset.phrase}`;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    box.focus();
  });
})();
