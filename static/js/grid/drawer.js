// Beside the sheet: one row with its long fields, its evidence, what the task book says of it, its history; and
// after a conflict both versions side by side.

import { FILLED, fill, make } from "./cells.js";

const DECIMAL = ["number", "percent"];
const OFTEN_ASKED = ["problems", "help_needed", "expected_on"];

export class Drawer {
  constructor(element, sheet, cells, saving, config) {
    Object.assign(this, { element, sheet, cells, saving, config });
    this.row = null;
    this.back = null;
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) { event.preventDefault(); this.close(); }
    });
    // Files that came or went count in the row.
    element.addEventListener("evidence:added", ({ detail }) => {
      const { row } = this;
      if (!row || detail.count === undefined) return;
      if (detail.count > row.evidence.count) { row.is_unchanged = false; delete row.lacks[""]; }
      row.evidence = { ...row.evidence, count: detail.count };
      this.sheet.dispatchEvent(new CustomEvent("settled", { detail: [row] }));
    });
  }

  get isOpen() { return !this.element.hidden; }

  open(row, { focus = "", back = null } = {}) {
    this.back = back || this.back;
    const isSame = this.isOpen && this.row === row;
    this.row = row;
    this.element.hidden = false;
    document.documentElement.classList.add("drawer-open");
    const isThere = isSame ? Promise.resolve() : (this.draw(), this.load());
    if (focus === "files") isThere.then(() => this.about.scrollIntoView({ block: "start" }));
    const place = focus && this.element.querySelector(`[name="${focus}"]`);
    if (place && place.closest(".more")) place.closest(".more").open = true;
    (place || this.element.querySelector("h2")).focus();
  }

  follow(row) { if (this.isOpen && row && row !== this.row) { this.row = row; this.draw(); clearTimeout(this.timer); this.timer = setTimeout(() => this.load(), 250); } }

  close() {
    this.element.hidden = true;
    document.documentElement.classList.remove("drawer-open");
    if (this.back) this.back(this.row);
    this.row = null;
  }

  draw() {
    const { row } = this;
    const close = make("button", { type: "button", class: "tool", "aria-label": "关闭" }, this.cells.icon("x", "sm"));
    close.addEventListener("click", () => this.close());
    this.state = make("p", { class: "drawer-state" });
    this.top = make("div", { class: "drawer-top" });
    this.about = make("div", { class: "about" }, make("p", { class: "muted small" }, "正在读取…"));
    this.element.replaceChildren(
      make("header", {}, make("div", {}, make("small", { class: "muted" }, `${this.sheet.kinds[row.kind].label} ${row.code}`), make("h2", { tabindex: "-1" }, row.text)), close),
      make("div", { class: "drawer-body" }, this.state, this.top, this.fields(), this.about));
    this.paint(row);
  }

  load() {
    const { row } = this;
    return row && window.htmx.ajax("GET", `${this.config.urls.back}${row.key}/`, { target: this.about, swap: "innerHTML" });
  }

  /** All that is typed of the row, the long texts with room to read them. */
  fields() {
    const { row } = this;
    const form = make("div", { class: "drawer-fields" });
    // What the round does not ask for stands behind 更多, unless something is in it or has to be.
    const more = make("details", { class: "more" }, make("summary", {}, "更多"));
    const isLate = row.due_on && row.due_on <= this.sheet.today;
    const isHidden = (name) => OFTEN_ASKED.includes(name) && row.kind === "point" && !this.sheet.isAsked(row, name)
      && !row.values[name] && !(name === "expected_on" && isLate);
    for (const { name, label, type } of this.sheet.fields(row.kind)) {
      const isLong = type === "text" && !["reason_kind", "surveyor", "degree"].includes(name);
      const box = make(isLong ? "textarea" : "input", {
        class: "form-control", name, id: `d-${name}`, ...(isLong ? { rows: 2 } : { type: type === "date" ? "date" : "text", autocomplete: "off", ...(DECIMAL.includes(type) ? { inputmode: "decimal" } : {}) }),
        ...(name === "reason_kind" ? { list: "reason-kinds" } : {}), readonly: Boolean(row.locked),
      });
      box.value = row.values[name] || "";
      box.addEventListener("change", () => this.sheet.edit([[this.sheet.rows.get(row.key), name, box.value]]));
      const asked = this.sheet.isAsked(row, name) ? make("span", { class: "asked" }, name === "expected_on" ? "本批次要求填写（没有完成时）" : "本批次要求填写，没有请写“无”") : "";
      (isHidden(name) ? more : form).append(make("div", { class: `field ${type}` }, make("label", { class: "form-label", for: `d-${name}` }, label, asked && " ", asked), box,
        make("p", { class: "fault", id: `f-${name}`, hidden: true }), make("p", { class: "auto", hidden: true }, FILLED)));
    }
    if (more.children.length > 1) form.append(more);
    return form;
  }

  paint(row) {
    if (!this.isOpen || this.row !== row) return;
    fill(this.state, this.cells.state(row), ...[row.state.where, row.planned && `计划 ${this.sheet.plan(row)}`, row.last.quantity && `上次累计 ${row.last.quantity}`]
      .filter(Boolean).map((words) => make("span", { class: "muted" }, words)));
    for (const box of this.element.querySelectorAll(".drawer-fields [name]")) {
      const value = row.values[box.name] || "";
      if (document.activeElement !== box && box.value !== value) box.value = value;
      const fault = this.sheet.fault(row, box.name);
      const sentence = box.parentNode.querySelector(".fault");
      box.classList.toggle("is-invalid", Boolean(fault));
      sentence.textContent = fault;
      sentence.hidden = !fault;
      box.parentNode.querySelector(".auto").hidden = row.filled !== box.name;
      if (fault && box.closest(".more")) box.closest(".more").open = true;
    }
    this.top.replaceChildren(...this.sayings(row));
  }

  sayings(row) {
    const found = [];
    const note = (tone, icon, ...words) => make("div", { class: `note ${tone}` }, this.cells.icon(icon, "sm"), make("div", {}, ...words));
    if (row.theirs) found.push(this.conflict(row));
    if (this.sheet.isHeld(row) && !row.locked) found.push(note("", "info-circle", "保存后立即生效，不需要审核。"));
    if (row.returned) found.push(note("bad", "message", make("b", {}, `${row.returned.by} ${row.returned.at} 退回：`), make("span", { class: "pre" }, row.returned.comment)));
    if (row.refusal) found.push(note("bad", "alert-triangle", row.refusal, " ", row.href ? make("a", { class: "link", href: row.href }, "打开完整页面") : ""));
    if (row.locked) found.push(note("", "lock", row.locked, row.href ? make("a", { class: "link", href: row.href }, "查看完整页面") : ""));
    else if (this.config.round?.zero && row.is_zero_reported) {
      const button = make("button", { type: "button", class: "btn btn-sm" }, this.cells.icon("arrow-back-up"), "撤销零报告");
      button.addEventListener("click", () => this.zero(row, button, "unzero"));
      found.push(make("div", { class: "zero-report" }, button, make("span", { class: "muted small" }, "这一项在本批次报了“无进展”。")));
    } else if (this.config.round?.zero && row.group === "missing" && this.sheet.isReviewed(row) && !this.sheet.isFilled(row)) {
      const button = make("button", { type: "button", class: "btn btn-sm" }, this.cells.icon("circle-number-0"), "本批次无进展");
      button.addEventListener("click", () => this.zero(row, button));
      found.push(make("div", { class: "zero-report" }, button, make("span", { class: "muted small" }, `零报告：${this.config.round.name}里这一项没有新进展，不必填数。`)));
    }
    return found;
  }

  async zero(row, button, step = "zero") {
    button.disabled = true;
    await this.saving.submit([row], step);
    button.disabled = false;
  }

  conflict(row) {
    const { theirs } = row;
    const differing = this.sheet.fields(row.kind).filter(({ name }) => (row.values[name] || "") !== (theirs.values[name] || ""));
    const table = make("table", { class: "t versions" },
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "内容"), make("th", { scope: "col" }, "您填的"), make("th", { scope: "col" }, theirs.who ? `${theirs.who}填的` : "现在的记录"))),
      make("tbody", {}, ...differing.map(({ name, label }) => make("tr", {}, make("th", { scope: "row" }, label),
        make("td", {}, make("ins", { class: "pre" }, row.values[name] || "（空）")), make("td", { class: "pre" }, theirs.values[name] || "（空）")))));
    const choice = (words, mine, css) => {
      const button = make("button", { type: "button", class: `btn btn-sm ${css}` }, words);
      button.addEventListener("click", () => { this.saving.choose(row, mine); this.draw(); this.load(); });
      return button;
    };
    return make("section", { class: "conflict", "aria-label": "两个版本" },
      make("p", {}, make("b", {}, "两个版本，请选择。"), theirs.who ? `您打开页面之后，${theirs.who}${theirs.when ? ` ${theirs.when} ` : ""}保存了这一项。` : "这一项在您离开之后有了变化。"),
      table, make("div", { class: "acts" }, choice("用我填的", true, "btn-primary"), choice(theirs.who ? `用${theirs.who}填的` : "用现在的记录", false, "")));
  }
}
