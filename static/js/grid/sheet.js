// The rows, what was typed into them, and the way back. Knows nothing of the page.

import { fault, spelled } from "./values.js";

// Of each kind the fields that are columns; the drawer has all.
const COLUMNS = {
  point: ["quantity", "percent", "effective_on", "description"],
  indicator: ["value", "percent", "measured_on", "note"],
  pointshare: ["quantity", "reported_on", "description"],
  indicatorshare: ["quantity", "reported_on", "description"],
  satisfaction: ["percent", "sample", "surveyor", "source"],
  outcome: ["level", "grade", "awarded_on", "quantity", "issuer", "document_no"],
  effect: ["effect"],
  vision: ["result", "degree"],
};
// What is a column as well while the running round asks for it
const ASKED = ["problems", "help_needed"];
const AMOUNTS = ["quantity", "value"];
const DAYS = ["effective_on", "measured_on", "reported_on", "awarded_on"];
const MOST_STEPS = 200;
const WAITING = "已提交，正在等待审核。要修改，请先撤回，或等审核完成后再更正。";
const LATE = ["reason_kind", "reason", "expected_on", "next_step"];

export class Sheet extends EventTarget {
  constructor({ rows, kinds, today, round }) {
    super();
    this.asked = (round && round.asks) || [];
    this.kinds = kinds;
    this.shown = Object.fromEntries(Object.entries(kinds).map(([kind, { fields }]) =>
      [kind, [...COLUMNS[kind], ...this.asked.filter((name) => ASKED.includes(name))].filter((name) => fields.some((field) => field.name === name))]));
    this.today = today;
    this.rows = new Map(rows.map((row) => [row.key, fresh(row)]));
    this.dated = new Set(rows.flatMap((row) => ["due_on", "internal_due_on"].filter((name) => row[name]).map((name) => `${row.kind}:${name}`)));
    this.past = [];
    this.future = [];
  }

  fields(kind) { return this.kinds[kind].fields; }
  field(kind, name) { return this.fields(kind).find((each) => each.name === name); }
  columns(kind) { return this.shown[kind]; }
  /** What is reached of a plan, cumulative; a ledger row counts by itself. */
  amount(kind) { return kind === "outcome" ? "" : this.columns(kind).find((name) => AMOUNTS.includes(name)) || ""; }
  plan({ planned, unit }) { return planned && `${planned}${unit === "%" ? "" : " "}${unit}`.trim(); }
  hasPlan(kind) { return Boolean(this.amount(kind)) || this.all(kind).some((row) => row.planned); }
  /** Whether any row of the kind has such a day: due_on or internal_due_on. */
  hasDay(kind, name) { return this.dated.has(`${kind}:${name}`); }
  /** Its columns that are there at times only, for their widths. */
  atTimes(kind) {
    return [...(this.hasDay(kind, "due_on") ? ["due"] : []), ...(this.hasPlan(kind) ? ["plan"] : []), ...this.columns(kind).filter((name) => ASKED.includes(name))];
  }
  all(kind) { return [...this.rows.values()].filter((row) => !kind || row.kind === kind); }

  /** Write some cells, as one step of undo: [row, field, text][]. */
  edit(cells) {
    const done = [];
    for (const [row, name, text] of cells) {
      const field = this.field(row.kind, name);
      const value = spelled(field.type, text, field.type === "number" ? row.unit : "");
      const before = row.values[name] || "";
      if (row.locked || value === before) continue;
      done.push([row.key, name, before, value]);
    }
    if (!done.length) return;
    this.past.push(done);
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
    this.write(done.map(([key, name, , after]) => [key, name, after]));
  }

  undo() { return this.step(this.past, this.future, 2); }
  redo() { return this.step(this.future, this.past, 3); }
  step(from, to, which) {
    const done = from.pop();
    if (!done) return null;
    to.push(done);
    this.write(done.map((cell) => [cell[0], cell[1], cell[which]]));
    return done;
  }

  write(cells) {
    const rows = new Set();
    for (const [key, name, value] of cells) {
      const row = this.rows.get(key);
      if (!row) continue;
      row.values[name] = value;
      delete row.errors[name];
      row.refusal = "";
      row.refused = "";
      if (row.filled === name) row.filled = "";
      rows.add(row);
    }
    // Back at what is saved: nothing goes out, so no answer would take old faults away.
    for (const row of rows) if (!this.isDirty(row)) row.errors = {};
    this.tell([...rows]);
  }

  tell(rows) { this.dispatchEvent(new CustomEvent("change", { detail: rows })); }

  /** What the server says stands now; what was typed since `sent` stays typed. */
  adopt(row, now, sent = row.values) {
    const typed = row.values;
    Object.assign(row, fresh(now));
    for (const name of Object.keys(typed)) {
      if ((typed[name] || "") !== (sent[name] || "")) row.values[name] = typed[name];
    }
    row.seen = now.seen;
    row.filled = DAYS.find((name) => !sent[name] && now.values[name]) || row.filled;
    if (row.locked || !row.values[row.filled]) row.filled = "";
  }

  isDirty(row) { return this.fields(row.kind).some(({ name }) => (row.values[name] || "") !== (row.saved[name] || "")); }

  /** What is wrong with a cell: of what was typed, or what the server said of it. */
  fault(row, name) {
    if (row.locked) return "";
    return fault(this.field(row.kind, name).type, row.values[name] || "") || (row.errors[name] || []).join("");
  }
  hasFault(row) { return this.fields(row.kind).some(({ name, type }) => fault(type, row.values[name] || "")); }
  /** Of what counts as soon as it is saved: nothing goes out until its button is pressed. */
  isHeld(row) { return !this.kinds[row.kind].saves_itself; }
  isReviewed(row) { return this.kinds[row.kind].reviewed; }
  isFilled(row) { return this.fields(row.kind).some(({ name }) => row.values[name] && !DAYS.includes(name)); }

  /** Whether it has fewer materials than the task book asks for: that is told, and submitted all the same. */
  isUnproved({ evidence }) { return evidence.count < evidence.needed; }

  /** Whether the running round asks for this field of the row; what was done is asked for without one, too. */
  isAsked(row, name) { return Boolean(row.is_asked) && name !== "description" && this.asked.includes(name); }

  /** Whether what was done must be said: unless the running round asks for other things alone. */
  needsDescription(row) { return !row.is_asked || this.asked.includes("description"); }

  /** What keeps a row from being submitted: [field, sentence][]. The server decides; this shows it beforehand. */
  missing(row) {
    const found = [];
    const names = this.fields(row.kind).map(({ name }) => name);
    const has = (name) => Boolean(row.values[name]);
    const ask = (name, sentence) => { if (names.includes(name) && !found.some(([each]) => each === name)) found.push([name, sentence]); };
    for (const name of names) if (this.fault(row, name)) ask(name, this.fault(row, name));
    const amount = this.isHeld(row) ? "" : this.amount(row.kind);
    if (amount && !has(amount) && !has("percent") && !row.linked) ask(amount, "没有填；没有进展请填 0");
    if (row.kind === "point" && has("quantity") && !has("percent") && !Number(row.planned)) ask("percent", "没有计划数量，请填完成比例");
    if (names.includes("description") && !has("description") && this.needsDescription(row)) ask("description", "请写明做了什么、结果如何");
    if (!amount && !this.isHeld(row) && names.includes("percent") && !has("percent")) ask("percent", "没有填");
    if (row.kind === "outcome") for (const name of ["name", "awarded_on"]) if (!has(name)) ask(name, "没有填");
    if (row.kind === "point" && row.due_on <= this.today && this.isShort(row)) {
      for (const name of LATE) if (!has(name)) ask(name, "已到期而没有完成，须填写");
    }
    for (const name of this.asked) {
      if (!this.isAsked(row, name) || has(name)) continue;
      if (name !== "expected_on") ask(name, "本批次要求填写，没有请写“无”");
      else if (this.isShort(row)) ask(name, "没有完成的，本批次要求填写");
    }
    // What the server would say to it as it is saved: it knows more, as what the ledger adds up to.
    const lacks = this.isDirty(row) ? {} : row.lacks;
    for (const [name, sentences] of Object.entries(lacks)) ask(name, sentences.join(""));
    for (const [name, sentences] of Object.entries({ ...lacks, ...row.errors })) if (!names.includes(name)) found.push(["", sentences.join("")]);
    if (row.refusal && !found.some(([, sentence]) => sentence === row.refusal)) found.push(["", row.refusal]);
    return found;
  }

  isShort(row) {
    const { percent, quantity } = row.values;
    if (percent) return Number(percent) < 100;
    return Boolean(quantity) && Number(row.planned) > 0 && Number(quantity) < Number(row.planned);
  }
}

function fresh(row) {
  const locked = row.locked || (row.group === "submitted" ? WAITING : "");
  return { ...row, values: { ...row.values }, saved: { ...row.values }, errors: {}, refusal: "", theirs: null, locked };
}
