// Rows that are ticked: all at once, and how many.
(() => {
  "use strict";
  const form = document.querySelector("form.ticks");
  if (!form) return;
  const all = form.querySelector("[data-all]");
  const rows = [...form.querySelectorAll("input[name=row]")];
  for (const hidden of form.querySelectorAll(".js")) hidden.hidden = false;
  const count = () => {
    const ticked = rows.filter((row) => row.checked).length;
    form.querySelector("[data-count]").textContent = String(ticked);
    form.querySelector("[data-amount]")?.replaceChildren(ticked ? ` ${ticked} 项` : "");
    all.checked = ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  };
  all.addEventListener("change", () => { for (const row of rows) row.checked = all.checked; count(); });
  form.addEventListener("change", count);
  count();
})();
