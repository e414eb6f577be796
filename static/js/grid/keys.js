// Where the user is in the sheet, and what the keys, the mouse and the clipboard do there. One text box travels
// with the active cell: it takes the keys, the input method and the paste, and becomes visible when one types.

import { readBlock, writeBlock } from "./values.js";

const PHONE = matchMedia("(max-width: 991px)");
const PAGE = 12;

export class Keys {
  constructor(pane, sheet, cells, { tell, open, save, tick }) {
    Object.assign(this, { pane, sheet, cells, tell, open, save, tick });
    this.lines = [];
    this.at = null;
    this.anchor = null;
    this.editing = false;
    this.marked = [];
    this.text = Object.assign(document.createElement("textarea"), { className: "editor", rows: 1, spellcheck: false });
    this.day = Object.assign(document.createElement("input"), { className: "editor", type: "date" });
    this.box = this.text;
    for (const box of [this.text, this.day]) {
      box.tabIndex = -1;
      box.setAttribute("autocomplete", "off");
      box.enterKeyHint = "next";
      box.addEventListener("keydown", (event) => this.key(event));
      box.addEventListener("focusout", () => { if (!this.moving) this.commit(); });
      box.addEventListener("compositionstart", () => { if (!this.editing) this.begin(); });
      box.addEventListener("input", () => { if (!this.editing) this.begin(); });
      box.addEventListener("paste", (event) => this.paste(event));
      box.addEventListener("copy", (event) => this.copy(event));
      box.addEventListener("cut", (event) => { if (!this.editing) { this.copy(event); this.clear(); } });
    }
    // The calendar of a telephone has no Enter.
    this.day.addEventListener("change", () => { if (this.day.value) this.commit(); });
    pane.addEventListener("pointerdown", (event) => this.point(event));
    pane.addEventListener("pointermove", (event) => this.drag(event));
    pane.addEventListener("click", (event) => {
      const cell = event.target.closest(".box");
      if (cell && PHONE.matches && !event.target.closest(".editor")) this.edit(cell);
    });
    pane.addEventListener("dblclick", (event) => { if (event.target.closest(".box") && !this.editing) this.begin(true); });
    pane.addEventListener("focus", () => { if (this.lines.length && !this.at) this.go(0, 0); else this.place(); });
  }

  /** The rows now shown, in their order, all of one kind. */
  show(lines, kind) {
    this.commit();
    const key = this.at && this.lines[this.at[0]]?.key;
    this.lines = lines;
    this.names = kind ? this.sheet.columns(kind) : [];
    const line = lines.findIndex((row) => row.key === key);
    this.at = line < 0 ? null : [line, Math.min(this.at[1], this.names.length - 1)];
    this.anchor = this.at;
    this.mark();
  }

  get row() { return this.at ? this.lines[this.at[0]] : null; }
  get name() { return this.at ? this.names[this.at[1]] : ""; }
  cellAt(line, column) { return this.cells.cell(this.lines[line], this.names[column]); }

  // Moving

  go(line, column, extend = false) {
    if (!this.lines.length || !this.names.length) return;
    const within = (value, size) => Math.max(0, Math.min(value, size - 1));
    this.at = [within(line, this.lines.length), within(column, this.names.length)];
    if (!extend) this.anchor = this.at;
    this.place();
    this.mark();
    this.open(this.row, { follow: true });
  }

  /** Bring the text box into the active cell. */
  place() {
    if (!this.at) return;
    const cell = this.cellAt(...this.at);
    const { type, label } = this.sheet.field(this.row.kind, this.name);
    this.moving = true;
    this.box = type === "date" && PHONE.matches ? this.day : this.text;
    (this.box === this.day ? this.text : this.day).remove();
    if (this.box.parentNode !== cell) cell.append(this.box);
    this.box.value = "";
    this.box.readOnly = Boolean(this.row.locked);
    this.box.inputMode = type === "number" || type === "percent" ? "decimal" : "text";
    this.box.setAttribute("aria-label", `${this.row.code} ${label}`);
    this.box.focus({ preventScroll: true });
    this.moving = false;
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  focusOn(row, name) {
    const line = this.lines.indexOf(row);
    const column = this.names.indexOf(name);
    if (line < 0) return;
    this.go(line, Math.max(0, column));
    if (!PHONE.matches) return;
    this.begin(true);
    this.reveal(row);
  }

  /** Show a card. At once: on a long way the cards that come into sight grow, and one would end short of it. */
  reveal(row) { this.cells.drawn.get(row.key).scrollIntoView({ block: "start", behavior: "instant" }); }

  range() {
    if (!this.at) return null;
    const [from, to] = [0, 1].map((axis) => [this.at[axis], this.anchor[axis]].sort((a, b) => a - b));
    return { top: from[0], bottom: from[1], left: to[0], right: to[1] };
  }

  mark() {
    this.marked.forEach((cell) => cell.classList.remove("on", "in"));
    this.marked = [];
    const range = this.range();
    if (!range) return;
    for (let line = range.top; line <= range.bottom; line += 1) {
      for (let column = range.left; column <= range.right; column += 1) {
        const cell = this.cellAt(line, column);
        const isActive = line === this.at[0] && column === this.at[1];
        cell.classList.add(isActive ? "on" : "in");
        this.marked.push(cell);
      }
    }
  }

  // Editing

  /** Show the text box: with what stands in the cell, or with what has just been typed over it. */
  begin(keep = false) {
    if (this.editing || !this.at) return;
    const { row, name } = this;
    if (row.locked) { this.box.value = ""; this.tell(row.locked); return; }
    this.editing = true;
    this.box.closest(".box").classList.add("editing");
    if (keep) {
      this.box.value = row.values[name] || "";
      if (this.box === this.text) this.box.select();
    }
  }

  commit() {
    if (!this.editing) return;
    this.editing = false;
    this.box.closest(".box")?.classList.remove("editing");
    const { row, name } = this;
    const value = this.box.value;
    this.box.value = "";
    if (row) this.sheet.edit([[row, name, value]]);
  }

  cancel() {
    this.editing = false;
    this.box.closest(".box")?.classList.remove("editing");
    this.box.value = "";
  }

  /** Down the column; on a telephone on in the card, and from its end to the next one. */
  next(by) {
    const [line, column] = this.at;
    if (!PHONE.matches) this.go(line + by, column);
    else if (column + by < this.names.length) { this.go(line, column + by); this.begin(true); }
    else this.nextOf(this.row);
  }

  /** To the next card that can be filled. */
  nextOf(row) {
    this.commit();
    const next = this.lines.slice(this.lines.indexOf(row) + 1).find((each) => !each.locked);
    if (!next) { this.box.blur(); this.tell("下面没有可以填的了"); return; }
    this.go(this.lines.indexOf(next), 0);
    this.reveal(this.row);
    this.begin(true);
  }

  edit(cell) {
    this.goTo(cell);
    this.begin(true);
    try { if (this.box === this.day) this.box.showPicker(); } catch { /* it opens by itself, or is typed into */ }
  }

  clear() {
    const { top, bottom, left, right } = this.range();
    const cells = [];
    for (const row of this.lines.slice(top, bottom + 1)) for (const name of this.names.slice(left, right + 1)) cells.push([row, name, ""]);
    this.sheet.edit(cells);
  }

  back(step, word) {
    const done = step === "undo" ? this.sheet.undo() : this.sheet.redo();
    this.tell(done ? `已${word} ${done.length} 个单元格` : `没有可${word}的`);
  }

  // Keys

  key(event) {
    if (event.isComposing || !this.at) return;
    const command = event.ctrlKey || event.metaKey;
    const does = this.editing ? this.keyWhileEditing(event, command) : this.keyWhileMoving(event, command);
    if (does) event.preventDefault();
  }

  keyWhileEditing({ key, shiftKey, altKey }, command) {
    if (key === "Escape") { this.cancel(); return true; }
    if (key === "Enter" && altKey) { this.box.setRangeText("\n", this.box.selectionStart, this.box.selectionEnd, "end"); return true; }
    if (key === "Enter") { this.commit(); this.next(shiftKey ? -1 : 1); return true; }
    if (key === "Tab") { this.commit(); return this.along(shiftKey ? -1 : 1); }
    if (key === "s" && command) { this.commit(); this.place(); this.save(); return true; }
    return false;
  }

  keyWhileMoving({ key, shiftKey }, command) {
    const [line, column] = this.at;
    const last = this.lines.length - 1;
    const moves = {
      ArrowUp: [command ? 0 : line - 1, column], ArrowDown: [command ? last : line + 1, column],
      ArrowLeft: [line, column - 1], ArrowRight: [line, column + 1],
      PageUp: [line - PAGE, column], PageDown: [line + PAGE, column],
      Home: [command ? 0 : line, 0], End: [command ? last : line, this.names.length - 1],
    };
    if (moves[key]) { this.go(...moves[key], shiftKey); return true; }
    if (key === "Enter" && command) { this.open(this.row); return true; }
    if (key === "Enter" || key === "F2") { this.begin(true); return true; }
    if (key === "Tab") return this.along(shiftKey ? -1 : 1);
    if (key === "Delete" || key === "Backspace") { this.clear(); return true; }
    if (key === "Escape") { this.anchor = this.at; this.mark(); this.open(null); return true; }
    if (key === " " && shiftKey) { this.tick(this.row); return true; }
    if (!command) {
      if (this.row.locked && key.length === 1) this.tell(this.row.locked);
      return false;
    }
    const small = key.toLowerCase();
    if (small === "z") { this.back(shiftKey ? "redo" : "undo", shiftKey ? "重做" : "撤销"); return true; }
    if (small === "y") { this.back("redo", "重做"); return true; }
    if (small === "s") { this.save(); return true; }
    if (small === "a") { this.anchor = [0, 0]; this.at = [last, this.names.length - 1]; this.mark(); return true; }
    // A copy happens only where something is selected.
    if (small === "c" || small === "x") { this.text.value = " "; this.text.select(); }
    return false;
  }

  /** Tab goes on to the next row; at either end of the sheet it leaves it. */
  along(by) {
    const [line, column] = this.at;
    const next = line * this.names.length + column + by;
    if (next < 0 || next >= this.lines.length * this.names.length) return false;
    this.go(Math.floor(next / this.names.length), next % this.names.length);
    return true;
  }

  // Mouse

  goTo(cell, extend) {
    const line = this.lines.findIndex((row) => row.key === cell.closest(".slip").dataset.key);
    if (line >= 0) this.go(line, this.names.indexOf(cell.dataset.field), extend);
  }

  point(event) {
    const cell = event.target.closest(".box");
    if (!cell || event.target.closest(".editing") || event.button || PHONE.matches) return;
    event.preventDefault();
    this.commit();
    this.goTo(cell, event.shiftKey);
  }

  drag(event) {
    if (event.buttons !== 1 || this.editing || PHONE.matches) return;
    const cell = event.target.closest(".box");
    if (cell && this.at && !cell.classList.contains("on")) this.goTo(cell, true);
  }

  // Clipboard

  copy(event) {
    if (this.editing) return;
    const { top, bottom, left, right } = this.range();
    const block = this.lines.slice(top, bottom + 1).map((row) => this.names.slice(left, right + 1).map((name) => row.values[name] || ""));
    event.clipboardData.setData("text/plain", writeBlock(block));
    event.preventDefault();
    this.text.value = "";
    this.tell(`已复制 ${block.length} 行 ${block[0].length} 列`);
  }

  paste(event) {
    if (this.editing) return;
    event.preventDefault();
    const block = readBlock(event.clipboardData.getData("text/plain"));
    const { top, bottom, left, right } = this.range();
    const isOne = block.length === 1 && block[0].length === 1;
    const [rows, columns] = isOne ? [bottom - top + 1, right - left + 1] : [block.length, Math.max(...block.map((cells) => cells.length))];
    const cells = [];
    let locked = 0;
    for (let line = 0; line < rows && top + line < this.lines.length; line += 1) {
      const row = this.lines[top + line];
      if (row.locked) { locked += 1; continue; }
      for (let column = 0; column < columns && left + column < this.names.length; column += 1) {
        const value = isOne ? block[0][0] : block[line][column];
        if (value !== undefined) cells.push([row, this.names[left + column], value]);
      }
    }
    this.sheet.edit(cells);
    const over = Math.max(0, rows - (this.lines.length - top));
    const wide = Math.max(0, columns - (this.names.length - left));
    this.tell([
      `已粘贴 ${rows - over - locked} 行`,
      over ? `有 ${over} 行超出表格末尾，没有粘贴` : "",
      wide ? `有 ${wide} 列超出可填的列，没有粘贴` : "",
      locked ? `有 ${locked} 行不能修改，已跳过` : "",
    ].filter(Boolean).join("；"), over || wide || locked ? "warn" : "");
    this.at = [top, left];
    this.anchor = [Math.min(top + rows, this.lines.length) - 1, Math.min(left + columns, this.names.length) - 1];
    this.mark();
  }
}
