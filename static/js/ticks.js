// Rows that are ticked: all at once, and how many.
(() => {
  "use strict";
  const form = document.querySelector("form.ticks");
  if (!form) return;
  const all = form.querySelector("[data-all]");
  const rows = [...form.querySelectorAll("input[name=row]")];
  const count = () => {
    const ticked = rows.filter((row) => row.checked).length;
    form.querySelector("[data-count]").textContent = String(ticked);
    all.checked = ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  };
  all.addEventListener("change", () => { for (const row of rows) row.checked = all.checked; count(); });
  form.addEventListener("change", count);
  count();
})();
