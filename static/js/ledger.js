// The outcome ledger: choosing all rows, and the link editor (search, choose, take away).
(() => {
  "use strict";
  // All rows at once, where rows may be chosen
  const all = document.getElementById("all-rows");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of document.querySelectorAll("input[name=row]")) box.checked = all.checked;
    });
  }

  // A level lower than that of the target is told while both are chosen
  const warning = document.getElementById("level-warning");
  if (warning) {
    const below = JSON.parse(document.getElementById("level-below").textContent);
    const form = warning.closest("form");
    form.addEventListener("change", () => {
      const { target, level, target_counts: counts, first_project_code: first } = form.elements;
      const sentence = counts.value !== "0" && !first.value && (below[target.value] || {})[level.value];
      warning.hidden = !sentence;
      warning.querySelector("span").textContent = sentence || "";
    });
  }

  const linker = document.querySelector(".linker");
  if (!linker) return;
  const box = linker.querySelector("#link-search");
  const found = linker.querySelector("#link-found");
  const list = linker.querySelector("#links");
  const none = linker.querySelector("#no-links");
  for (const hidden of linker.querySelectorAll(".js")) hidden.hidden = false;

  const make = (tag, css, text) => {
    const element = document.createElement(tag);
    if (css) element.className = css;
    if (text) element.textContent = text;
    return element;
  };
  const has = (item) => [...list.querySelectorAll("option")].some((option) => option.value.startsWith(`${item.kind}:${item.id}:`));
  const add = (item) => {
    if (has(item)) return;
    const line = make("li");
    const words = make("span");
    words.append(make("b", "code", `${item.label} ${item.code}`), ` ${item.text.slice(0, 60)} `);
    if (item.unit) words.append(make("span", "muted", `（${item.planned ? `计划 ${item.planned} ` : ""}${item.unit}）`));
    const select = make("select", "form-select");
    select.name = "link";
    select.setAttribute("aria-label", `${item.code} 的关系`);
    for (const [value, label] of [["1", "计入"], ["0", "仅引用"]]) select.append(new Option(label, `${item.kind}:${item.id}:${value}`));
    select.append(new Option("取消关联", ""));
    line.append(words, select);
    list.append(line);
    none.hidden = true;
  };

  let active = -1;
  const close = () => { found.hidden = true; box.setAttribute("aria-expanded", "false"); active = -1; };
  const mark = (index) => {
    const options = [...found.querySelectorAll("[role=option]")];
    if (!options.length) return;
    active = (index + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    options[active].scrollIntoView({ block: "nearest" });
  };
  const choose = (item) => { add(item); box.value = ""; close(); box.focus(); };
  const show = (answer) => {
    found.replaceChildren(...answer.items.map((item) => {
      const option = make("li", has(item) ? "muted" : "");
      option.setAttribute("role", "option");
      option.append(make("b", "code", `${item.label} ${item.code}`), ` ${item.text.slice(0, 80)}`);
      const about = [item.planned && `计划 ${item.planned}`, item.unit, item.department].filter(Boolean).join(" · ");
      if (about) option.append(make("small", "", about));
      option.addEventListener("mousedown", (event) => { event.preventDefault(); choose(item); });
      option.item = item;
      return option;
    }));
    if (answer.more) found.append(make("li", "muted", `还有 ${answer.more} 个，请多输几个字`));
    if (!answer.items.length) found.append(make("li", "muted", box.value ? "没有找到" : "输入编号或关键词，或先选建设任务"));
    found.hidden = false;
    box.setAttribute("aria-expanded", "true");
    active = -1;
  };
  let asked = 0;
  const search = async () => {
    const mine = ++asked;
    const task = document.querySelector("[name=task]");
    const query = new URLSearchParams({ q: box.value, task: task ? task.value : "" });
    const answer = await fetch(`${linker.dataset.links}?${query}`, { headers: { Accept: "application/json" } });
    if (mine === asked && answer.ok) show(await answer.json());
  };
  let wait;
  box.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(search, 200); });
  box.addEventListener("focus", search);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.hidden) search(); else mark(active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = found.querySelectorAll("[role=option]")[active];
      if (option) choose(option.item);
    } else if (event.key === "Escape") close();
  });
})();
