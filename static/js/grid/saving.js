// Drafts save themselves: what was typed goes out after a moment of rest, several rows in one request. Until the
// server has it, it is kept in this browser, so that neither a lost line nor a lost session costs a word.

const REST = 800;
const AGAIN = [5, 10, 20, 40, 60];
const AT_ONCE = 100;
const SIGNED_IN = "mine:signed-in";

export class Saving extends EventTarget {
  constructor(sheet, { urls, user, project }) {
    super();
    this.sheet = sheet;
    this.urls = urls;
    this.user = user;
    this.prefix = `mine:${user}:${project}:`;
    this.timer = 0;
    this.failures = 0;
    this.busy = null;
    this.loggedOut = false;
    this.stranger = false;
    sheet.addEventListener("change", ({ detail }) => { detail.forEach((row) => this.keep(row)); this.soon(REST); });
    window.addEventListener("online", () => this.flush());
    window.addEventListener("focus", () => { if (this.failures && !this.loggedOut) this.flush(); });
    // Each page of this kind tells the others who is logged in; only for the same person does saving go on.
    window.addEventListener("storage", ({ key, newValue }) => {
      if (key !== SIGNED_IN || !this.loggedOut) return;
      this.stranger = Number(newValue.split(":")[0]) !== user;
      if (this.stranger) { this.say(); return; }
      this.loggedOut = false;
      this.failures = 0;
      this.flush();
    });
    localStorage.setItem(SIGNED_IN, `${user}:${Date.now()}`);
    window.addEventListener("beforeunload", (event) => { this.dispatchEvent(new Event("leaving")); if (this.unsaved().length) event.preventDefault(); });
  }

  unsaved() { return this.sheet.all().filter((row) => this.sheet.isDirty(row)); }
  /** Those that wait for their button. */
  held() { return this.unsaved().filter((row) => this.sheet.isHeld(row)); }
  /** Those the server can take as they are, without being told to. What it refused goes out again once something else is typed. */
  sendable() {
    return this.unsaved().filter((row) => !row.locked && !row.theirs && !this.sheet.isHeld(row) && !this.sheet.hasFault(row)
      && row.refused !== JSON.stringify(row.values));
  }

  keep(row) {
    const name = this.prefix + row.key;
    try {
      if (this.sheet.isDirty(row)) localStorage.setItem(name, JSON.stringify({ seen: row.seen, values: row.values }));
      else localStorage.removeItem(name);
    } catch { /* no room or not allowed: the page itself still holds it, and warns when it is left */ }
  }

  /** Put back what this browser kept; what others have changed since is for the user to choose. */
  restore() {
    const found = [];
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(this.prefix)) continue;
      const row = this.sheet.rows.get(name.slice(this.prefix.length));
      const kept = JSON.parse(localStorage.getItem(name));
      if (!row || row.locked) continue;
      const current = { ...row.values };
      row.values = { ...row.values, ...kept.values };
      if (!this.sheet.isDirty(row)) { localStorage.removeItem(name); continue; }
      if (kept.seen !== row.seen) row.theirs = { who: "", when: "", values: current, seen: row.seen };
      found.push(row);
    }
    if (found.length) this.soon(0);
    return found;
  }

  soon(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), after);
    this.say();
  }

  say(more = {}) { this.dispatchEvent(new CustomEvent("state", { detail: more })); }

  /** Save everything that can be saved; resolves when nothing is under way any more. */
  async flush() {
    clearTimeout(this.timer);
    while (this.busy) await this.busy;
    if (this.stranger) return false;
    const rows = this.sendable().slice(0, AT_ONCE);
    if (!rows.length) { this.say(); return true; }
    const answers = await this.send(rows, "draft");
    if (answers && this.sendable().length) return this.flush();
    return Boolean(answers);
  }

  /** One request about some rows; the answers, or nothing when there was none. */
  async send(rows, step) {
    const sent = new Map(rows.map((row) => [row.key, { ...row.values }]));
    let done;
    this.busy = new Promise((resolve) => { done = resolve; });
    this.say({ saving: true });
    try {
      const answer = await this.post({ step, rows: rows.map(({ key, seen, values }) => ({ key, seen, values })) });
      this.failures = 0;
      this.loggedOut = false;
      for (const each of answer.rows) this.settle(each, sent.get(each.key), step);
      this.sheet.dispatchEvent(new CustomEvent("settled", { detail: answer.rows.map(({ key }) => this.sheet.rows.get(key)) }));
      this.say({ at: new Date() });
      return answer.rows;
    } catch (trouble) {
      this.loggedOut = trouble.loggedOut || false;
      this.failures += 1;
      if (!this.loggedOut) {
        const wait = AGAIN[Math.min(this.failures, AGAIN.length) - 1];
        this.timer = setTimeout(() => this.flush(), wait * 1000);
      }
      this.say({ trouble: trouble.sentence || "" });
      return null;
    } finally {
      this.busy = null;
      done();
    }
  }

  async post(body) {
    let answer;
    try {
      answer = await fetch(this.urls.rows, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify(body),
      });
    } catch { throw {}; }
    const isOurs = (answer.headers.get("Content-Type") || "").includes("json");
    // Behind a log-in that ended the answer is the log-in page, or one about a token of the session before.
    if (answer.status === 401 || answer.redirected) throw { loggedOut: true };
    if (isOurs) {
      const found = await answer.json();
      if (found.rows) return found;
      throw { sentence: found.refusal || found.detail || "" };
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    throw { loggedOut: Boolean(page.querySelector("[data-expired]")),
      sentence: page.querySelector("[data-sentence]")?.textContent.trim() || `服务器没有接受（错误 ${answer.status}）` };
  }

  settle({ key, ok, row: now, errors, refusal, theirs }, sent, step) {
    const row = this.sheet.rows.get(key);
    const isSent = (values) => this.sheet.fields(row.kind).every(({ name }) => (values[name] || "") === (sent[name] || ""));
    // Typed on meanwhile: that gets an answer of its own, and what is said of the words before no longer holds.
    const isOvertaken = !isSent(row.values);
    // Our own words, saved by an earlier try whose answer was lost, or by another window
    if (theirs && now && isSent(theirs.values)) {
      this.sheet.adopt(row, now, sent);
      row.refusal = step === "draft" ? "" : row.locked || refusal;
    } else if (ok) this.sheet.adopt(row, now, sent);
    else {
      // A submission that is refused has often stored the draft: then only its state moves on.
      if (now && !theirs && now.seen !== row.seen) this.sheet.adopt(row, now, sent);
      row.errors = isOvertaken ? {} : errors || {};
      row.refusal = theirs || isOvertaken ? "" : refusal || "";
      row.theirs = theirs || null;
      row.refused = step === "draft" && !isOvertaken ? JSON.stringify(sent) : "";
    }
    this.keep(row);
  }

  /** After a conflict: mine over theirs, or theirs as they stand. */
  choose(row, mine) {
    const { theirs } = row;
    if (!theirs) return;
    row.theirs = null;
    row.refused = "";
    row.seen = theirs.seen;
    row.saved = { ...theirs.values };
    if (!mine) row.values = { ...theirs.values };
    this.sheet.tell([row]);
  }

  async submit(rows, step = "submit") {
    await this.flush();
    const answers = [];
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const some = await this.send(rows.slice(at, at + AT_ONCE), step);
      if (!some) break;
      answers.push(...some);
    }
    return answers;
  }
}

/** As the cookie has it now: logging in again changes it, also for the uploads and the rest of the page. */
function token() {
  const [, now] = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [];
  const name = "X-CSRFToken";
  const known = JSON.parse(document.body.getAttribute("hx-headers") || "{}")[name] || "";
  if (now) document.body.setAttribute("hx-headers", JSON.stringify({ [name]: now }));
  return now || known;
}
