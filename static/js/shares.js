// 分解下达: rows are added and removed, the sum follows, the plan is divided equally.
(() => {
  "use strict";
  const form = document.querySelector("form.split");
  if (!form) return;
  const body = document.getElementById("parts");
  const template = document.getElementById("part");
  const count = form.querySelector("[name$=TOTAL_FORMS]");
  const planned = form.dataset.planned === "" ? null : Number(form.dataset.planned);
  const kinds = JSON.parse(document.getElementById("kinds").textContent);
  const rows = () => [...body.rows];
  const department = (row) => row.querySelector("select");
  const target = (row) => row.querySelector("input");
  const taken = () => rows().filter((row) => department(row).value);

  // Millionths, as the numbers are kept: sums of decimals stay exact
  const UNIT = 1e6;
  const read = (input) => {
    const text = input.value.normalize("NFKC").replace(/[\s,]/g, "");
    return /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * UNIT) : null;
  };
  const show = (millionths) => String(Math.round(millionths) / UNIT);

  const add = (value = "") => {
    const number = Number(count.value);
    const holder = document.createElement("tbody");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", number);
    const row = holder.rows[0];
    for (const button of row.querySelectorAll(".js")) button.hidden = false;
    department(row).value = value;
    body.append(row);
    count.value = String(number + 1);
    return row;
  };
  const free = () => rows().find((row) => !row.hidden && !department(row).value && !target(row).value);

  const sum = () => {
    const output = document.getElementById("sum");
    if (!output) return;
    const numbers = taken().map((row) => read(target(row))).filter((number) => number !== null);
    const total = numbers.reduce((all, number) => all + number, 0);
    output.textContent = numbers.length ? show(total) : "—";
    const over = planned === null || !numbers.length ? 0 : total - Math.round(planned * UNIT);
    const note = document.getElementById("difference");
    note.textContent = over === 0 ? "" : `${over > 0 ? "多" : "少"} ${show(Math.abs(over))}`;
    note.classList.toggle("ink-bad", over !== 0);
    const confirm = document.getElementById("confirm");
    if (over !== 0) confirm.hidden = false;
    else if (!confirm.querySelector("input[type=checkbox]").checked) confirm.hidden = true;
  };

  // Whole numbers where the plan is one and suffices for all; the first take what remains
  const divide = () => {
    const some = taken();
    if (planned === null || !some.length) return;
    const whole = Number.isInteger(planned) && planned >= some.length;
    const step = whole ? UNIT : UNIT / 100;
    const steps = Math.round((planned * UNIT) / step);
    const share = Math.floor(steps / some.length);
    let left = steps - share * some.length;
    for (const row of some) target(row).value = show((share + (left-- > 0 ? 1 : 0)) * step);
    sum();
  };

  const addKind = (kind) => {
    const known = new Set(taken().map((row) => department(row).value));
    for (const [pk, own] of Object.entries(kinds)) {
      if (own !== kind || known.has(pk)) continue;
      const row = free() || add();
      department(row).value = pk;
    }
    sum();
  };

  for (const button of form.querySelectorAll(".js")) button.hidden = false;
  form.addEventListener("input", sum);
  form.addEventListener("change", sum);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[type=button]");
    if (!button) return;
    if ("remove" in button.dataset) {
      const row = button.closest("tr");
      department(row).value = "";
      target(row).value = "";
      row.hidden = true;
    } else if ("add" in button.dataset) department(add()).focus();
    else if ("equally" in button.dataset) divide();
    else if (button.dataset.addKind) addKind(button.dataset.addKind);
    sum();
  });
  sum();
})();
