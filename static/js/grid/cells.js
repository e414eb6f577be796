// One row as it stands on the page: a line of the sheet, on a telephone a card. Drawn once, then painted anew
// in place, so that the cell someone types in is never replaced.

import { difference, share } from "./values.js";

export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value || value === 0 || value === "") if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== "" && child != null));
  return element;
};

/** Put children in a place, unless the same are there: what is just being clicked must not be replaced. */
export const fill = (place, ...children) => {
  const made = make("div", {}, ...children);
  if (made.innerHTML !== place.innerHTML) place.replaceChildren(...made.childNodes);
};

// At a day that the person did not type
export const FILLED = "自动填为今天，可修改";
// In small print under 截止日期
const INTERNAL = "内控完成日期";

export class Cells {
  constructor(sheet, { badges, sprite, places }) {
    this.sheet = sheet;
    this.badges = badges;
    this.sprite = sprite;
    this.places = places;
    this.drawn = new Map();
  }

  icon(name, size = "xs") {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", `icon icon-${size}`);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${this.sprite}#${name}`);
    svg.append(use);
    return svg;
  }

  badge(key, label = "") {
    const [word, icon, tone] = this.badges[key] || [label, "circle-dashed", "idle"];
    return make("span", { class: `st ${tone}` }, this.icon(icon), label || word);
  }

  /** The columns of a kind: what is read only, what is typed, and what is told at the end. */
  heads(kind) {
    const amount = this.sheet.amount(kind);
    return [
      ["tick", ""], ["code", "编号", "code"], ["text", this.sheet.field(kind, "name")?.label || this.sheet.kinds[kind].label],
      ...(this.sheet.hasDay(kind, "due_on") ? [["due", "截止日期", "due", "", this.sheet.hasDay(kind, "internal_due_on") ? INTERNAL : ""]] : []),
      ...(this.sheet.hasPlan(kind) ? [["plan r", "计划"]] : []), ...(amount ? [["last r", "上次累计"]] : []),
      ...this.sheet.columns(kind).map((name) => {
        const { label, type } = this.sheet.field(kind, name);
        return [`${type}${type === "number" || type === "percent" ? " r" : ""}`, name === amount ? "本次累计" : label.replace("（%）", ""), "", label];
      }),
      ...(this.sheet.isReviewed({ kind }) ? [["files", "佐证"]] : []), ["state", "状态", "state"],
    ];
  }

  draw(row) {
    const known = this.drawn.get(row.key);
    if (known) return known;
    const amount = this.sheet.amount(row.kind);
    const cell = (css, label, ...children) => make("div", { role: "gridcell", class: `gc ${css}`, "data-l": label }, ...children);
    const line = make("div", { role: "row", class: "line" },
      cell("tick", "", make("input", { type: "checkbox", class: "form-check-input", "aria-label": `选择 ${row.code}`, tabindex: "-1" })),
      cell("code", "", make("span", {}, row.code)),
      cell("text", "", make("a", { class: "open", href: row.href || "#main", tabindex: "-1" }),
        row.department && !this.places.includes(row.department) ? make("small", {}, row.department) : ""),
      this.sheet.hasDay(row.kind, "due_on") ? cell("due num", "截止日期", row.due_on || "—", row.internal_due_on ? make("small", { "data-l": INTERNAL }, row.internal_due_on) : "",
        row.days_late > 0 ? make("small", { class: "ink-bad" }, `逾期 ${row.days_late} 天`) : "") : "",
      this.sheet.hasPlan(row.kind) ? cell("plan r num", "计划", this.sheet.plan(row) || "—") : "",
      amount ? cell("last r num", "上次累计") : "",
      ...this.sheet.columns(row.kind).map((name) => {
        const { label, type } = this.sheet.field(row.kind, name);
        return make("div", {
          role: "gridcell", class: `gc box ${type}${type === "number" || type === "percent" ? " r num" : type === "date" ? " num" : ""}${name === amount ? " amount" : ""}`,
          "data-l": label, "data-field": name,
        }, make("span", { class: "v" }), make("span", { class: "fault", hidden: true }),
          type === "date" ? make("small", { class: "auto", hidden: true }, FILLED) : "");
      }),
      cell(this.sheet.isReviewed(row) ? "files" : "files fileless", "佐证"), cell("state", ""));
    const item = make("div", { role: "rowgroup", class: "slip", "data-key": row.key }, line);
    this.drawn.set(row.key, item);
    this.paint(row);
    return item;
  }

  cell(row, name) { return this.drawn.get(row.key)?.querySelector(`[data-field="${name}"]`); }

  /** Bring what is drawn up to what stands in the row. */
  paint(row) {
    const item = this.drawn.get(row.key);
    if (!item) return;
    const amount = this.sheet.amount(row.kind);
    item.querySelector(".text > .open").textContent = row.text;
    item.classList.toggle("locked", Boolean(row.locked));
    item.classList.toggle("unsaved", this.sheet.isDirty(row));
    item.querySelector(".tick input").disabled = Boolean(row.locked) || !this.sheet.isReviewed(row);
    for (const name of this.sheet.columns(row.kind)) this.paintCell(row, name);
    const last = item.querySelector(".last");
    if (last) {
      const more = difference(row.values[amount] || "", row.last.quantity || "");
      fill(last, row.last.quantity || "—",
        more ? make("small", { class: more.startsWith("−") ? "ink-bad" : more.startsWith("+") ? "ink-ok" : "" }, `增量 ${more}`) : "");
    }
    fill(item.querySelector(".files"), this.sheet.isReviewed(row) ? this.evidence(row) : "",
      make("button", { type: "button", class: "btn next", tabindex: "-1" }, "下一项", this.icon("chevron-right")));
    fill(item.querySelector(".state"), this.state(row));
    this.paintSayings(row, item);
  }

  paintCell(row, name) {
    const cell = this.cell(row, name);
    const value = row.values[name] || "";
    const fault = this.sheet.fault(row, name);
    const shown = cell.querySelector(".v");
    const hint = value ? "" : name === this.sheet.amount(row.kind) && row.linked ? `台账 ${row.linked}` : name === "percent" && row.values.quantity ? share(row.values.quantity, row.planned || "") : "";
    shown.textContent = value ? (name === "percent" && !fault ? `${value}%` : value) : hint;
    shown.classList.toggle("hint", !value && Boolean(hint));
    cell.classList.toggle("faulty", Boolean(fault));
    if (fault) cell.setAttribute("aria-invalid", "true"); else cell.removeAttribute("aria-invalid");
    if (row.locked) cell.setAttribute("aria-readonly", "true"); else cell.removeAttribute("aria-readonly");
    const sentence = cell.querySelector(".fault");
    sentence.textContent = fault;
    sentence.hidden = !fault;
    const auto = cell.querySelector(".auto");
    if (auto) auto.hidden = row.filled !== name;
  }

  evidence({ evidence, code }) {
    const { count, required, needed, items } = evidence;
    const short = this.sheet.isUnproved({ evidence });
    const words = !needed ? (count ? String(count) : "添加") : count ? `${count} / ${needed}` : "0 缺佐证";
    const title = needed ? `佐证要求 ${needed} 份：${items.length > 1 ? items.map((item, at) => `${at + 1}. ${item}`).join("；") : required}` : "";
    return make("button", { type: "button", class: `clip${short ? " ink-warn" : ""}`, tabindex: "-1", title, "aria-label": `${code} 佐证 ${words}` },
      this.icon(short && !count ? "alert-triangle" : count ? "paperclip" : "plus"), words);
  }

  state(row) {
    // What a round asks for before it is due is not filled in, rather than not due.
    const isAsked = row.group === "missing" && row.state.key === "not_due";
    const work = isAsked ? "missing" : row.state.work || row.state.key;
    const shown = make("span", { class: "states" }, this.badge(work, isAsked ? "" : row.state.label));
    if (this.sheet.isHeld(row) && this.sheet.isDirty(row)) shown.append(make("span", { class: "st miss" }, this.icon("pencil"), "未保存"));
    if (row.values[this.sheet.amount(row.kind)] === "0" && work !== "zero") shown.append(this.badge("zero"));
    if (row.state.where) shown.title = row.state.where;
    if (row.is_zero_reported) shown.append(this.badge("zero", "本批次无进展"));
    return shown;
  }

  /** What is to be told of the row, below it: why it came back, why it is locked, who else wrote it. */
  paintSayings(row, item) {
    const said = [];
    if (row.theirs) {
      said.push(["bad clash", "users", "", row.theirs.who ? `${row.theirs.who}${row.theirs.when ? ` ${row.theirs.when} ` : ""}也改了这一项，您填的还没有保存。` : "本机保留的内容和现在的记录不同，还没有保存。", "对照后选择"]);
    }
    if (row.refusal) said.push(["bad", "alert-triangle", this.sheet.isDirty(row) ? "没有保存：" : "没有提交：", row.refusal, row.kind === "outcome" ? "打开处理" : ""]);
    const others = Object.entries(row.errors).filter(([name]) => !this.cell(row, name)).flatMap(([, each]) => each);
    if (others.length) said.push(["bad", "alert-triangle", "须补充：", others.join(""), "打开填写"]);
    if (row.returned) said.push(["bad", "message", `${row.returned.by} ${row.returned.at} 退回：`, row.returned.comment, "查看历次意见"]);
    if (row.locked && row.group !== "submitted") said.push(["", "lock", "", row.locked]);
    const lines = said.map(([tone, icon, head, text, action]) => make("div", { role: "row", class: `said ${tone}` },
      make("div", { role: "gridcell" }, this.icon(icon, "sm"), " ", head ? make("b", {}, head) : "", make("span", { class: "pre" }, text),
        action ? make("button", { type: "button", class: "open link", tabindex: "-1" }, action) : "")));
    const same = lines.length === item.children.length - 1 && lines.every((line, at) => line.isEqualNode(item.children[at + 1]));
    if (same) return;
    // The line itself stays in the page: what is typed into it must not lose the focus.
    while (item.children.length > 1) item.lastElementChild.remove();
    item.append(...lines);
  }
}
