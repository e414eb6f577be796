// 我的任务: the page around the sheet. Which rows are shown, what is told of saving, the bar that submits.

import { Cells, fill, make } from "./grid/cells.js";
import { Drawer } from "./grid/drawer.js";
import { Keys } from "./grid/keys.js";
import { Saving } from "./grid/saving.js";
import { Sheet } from "./grid/sheet.js";

const GROUPS = [
  ["returned", "已退回，按意见修改后再提交", "arrow-back-up"], ["missing", "未填报", "circle-dashed"], ["draft", "草稿，还没有提交", "pencil"],
  ["submitted", "已提交，等待审核", "send"], ["locked", "时段已锁定，现在不能填", "lock"], ["done", "已完成，或本批次已填", "circle-check"], ["not_due", "未到期", "clock"],
];
const TODO = ["returned", "missing", "draft"];
const TABS = [
  ["todo", "待处理", TODO], ["returned", "已退回", ["returned"]], ["missing", "未填报", ["missing"]], ["draft", "草稿", ["draft"]],
  ["submitted", "已提交", ["submitted"]], ["locked", "已锁定", ["locked"]], ["done", "已填完", ["done"]], ["not_due", "未到期", ["not_due"]], ["all", "全部", GROUPS.map(([key]) => key)],
];
const SORTS = { due: (row) => [row.due_on, row.internal_due_on].filter(Boolean).sort()[0] || "9999", code: (row) => row.code, state: (row) => GROUPS.findIndex(([key]) => key === row.group) };
const MOST_LISTED = 60;

const $ = (id) => document.getElementById(id);
const config = JSON.parse($("desk").textContent);
const sheet = new Sheet(config);
const cells = new Cells(sheet, config);
const saving = new Saving(sheet, config);
const pane = $("pane");
const chosen = new Set();
const unfolded = new Set();
const collator = new Intl.Collator("zh-CN", { numeric: true });

// What the address asks for
const asked = new URLSearchParams(location.search);
const kinds = Object.keys(config.kinds).filter((kind) => sheet.all(kind).length);
const todoOf = (kind) => sheet.all(kind).filter((row) => TODO.includes(row.group)).length;
const view = {
  kind: kinds.includes(asked.get("kind")) ? asked.get("kind") : kinds.find(todoOf) || kinds[0] || "",
  tab: (TABS.find(([key]) => key === asked.get("tab")) || TABS[0])[0],
  sort: asked.get("sort") || "", text: asked.get("text") || "",
};
const address = (change) => {
  const query = new URLSearchParams();
  const now = { ...view, ...change };
  if (now.kind !== kinds[0]) query.set("kind", now.kind);
  if (now.tab !== TABS[0][0]) query.set("tab", now.tab);
  if (now.sort) query.set("sort", now.sort);
  if (now.text) query.set("text", now.text);
  return `${location.pathname}${query.size ? `?${query}` : ""}`;
};

const status = $("saved");
const tell = (sentence, tone = "") => {
  $("told").replaceChildren(sentence ? make("span", { class: tone === "warn" ? "ink-warn" : "" }, sentence) : "");
};

const drawer = new Drawer($("drawer"), sheet, cells, saving, config);
const keys = new Keys(pane, sheet, cells, {
  tell,
  save: () => saving.flush(),
  tick: (row) => choose(row, !chosen.has(row.key)),
  open: (row, { follow = false } = {}) => {
    if (follow) drawer.follow(row);
    else if (row) drawer.open(row, { back: (shown) => keys.focusOn(shown, keys.name) });
    else if (drawer.isOpen) drawer.close();
  },
});

// Which rows are shown. They keep their places while one works: a row that becomes a draft does not jump.

function sorted(rows) {
  const descending = view.sort.startsWith("-");
  const of = SORTS[view.sort.replace("-", "")] || SORTS.due;
  return [...rows].sort((a, b) => (descending ? -1 : 1) * collator.compare(of(a), of(b)) || collator.compare(a.code, b.code));
}

function matches({ code, text, task, department }) {
  const words = view.text.trim().toLowerCase();
  return !words || [code, text, task, department].some((each) => (each || "").toLowerCase().includes(words));
}

function render() {
  const open = TABS.find(([key]) => key === view.tab)[2];
  const shown = view.tab === "todo" ? GROUPS.map(([key]) => key) : open;
  const rows = sheet.all(view.kind).filter(matches);
  const lines = [];
  const parts = [];
  for (const [group, title, icon] of GROUPS) {
    if (!shown.includes(group)) continue;
    const some = sorted(rows.filter((row) => row.group === group));
    if (!some.length) continue;
    const isOpen = view.tab !== "todo" || TODO.includes(group) || unfolded.has(group) || Boolean(view.text);
    parts.push(heading(group, title, icon, some.length, isOpen));
    if (isOpen) { parts.push(...some.map((row) => cells.draw(row))); lines.push(...some); }
  }
  pane.dataset.kind = view.kind;
  pane.dataset.shows = sheet.atTimes(view.kind).join(" ");
  pane.replaceChildren(...(view.kind ? [head()] : []), ...(parts.length ? parts : [blank()]));
  keys.show(lines, view.kind);
  for (const row of lines) cells.drawn.get(row.key).querySelector(".tick input").checked = chosen.has(row.key);
  tabs();
  bar();
}

function heading(group, title, icon, count, isOpen) {
  const button = make("button", { type: "button", class: "fold", "aria-expanded": String(isOpen), "data-group": group },
    cells.icon(isOpen ? "chevron-down" : "chevron-right"), cells.icon(icon), make("b", {}, title), make("span", { class: "muted" }, `${count} 项`));
  return make("div", { role: "rowgroup", class: "group" }, make("div", { role: "row" }, make("div", { role: "gridcell" }, button,
    make("b", { class: "only-print" }, `${title} ${count} 项`))));
}

function head() {
  const line = make("div", { role: "row", class: "line heads" });
  for (const [css, label, sort, title, second] of cells.heads(view.kind)) {
    const isSorted = sort && view.sort.replace("-", "") === sort;
    const down = view.sort.startsWith("-");
    line.append(make("div", { role: "columnheader", class: `gc ${css}`, title: title || "", ...(isSorted ? { "aria-sort": down ? "descending" : "ascending" } : {}) },
      css === "tick" ? make("input", { type: "checkbox", class: "form-check-input", id: "every", "aria-label": "选择全部可提交的行" })
        : sort ? make("a", { href: address({ sort: isSorted && !down ? `-${sort}` : sort }), "data-view": true }, label, isSorted ? cells.icon(down ? "chevron-down" : "chevron-up") : "") : label,
      second ? make("small", {}, second) : ""));
  }
  return make("div", { role: "rowgroup", class: "head" }, line);
}

function blank() {
  const none = !sheet.rows.size;
  const words = none ? "还没有填报内容分配给您或您的部门。请联系项目办在任务书中落实责任部门。"
    : view.text ? "没有符合条件的行。" : "这一类没有要处理的行。";
  return make("div", { role: "rowgroup" }, make("div", { role: "row" }, make("div", { role: "gridcell", class: "blank" }, words, " ",
    none ? "" : make("a", { class: "link", href: address({ tab: "all", text: "" }), "data-view": true }, view.text ? "清除搜索" : "查看全部"))));
}

function tabs() {
  const counted = (groups, kind) => sheet.all(kind).filter((row) => groups.includes(row.group)).length;
  const link = (label, count, change, isOn, icon) => make("a", { href: address(change), "data-view": true, ...(isOn ? { "aria-current": "true" } : {}) },
    icon ? cells.icon(icon) : "", label, make("span", { class: "n" }, ` ${count}`));
  const isShown = ([key]) => key !== "locked" || key === view.tab || counted([key], view.kind);
  fill($("tabs"), ...TABS.filter(isShown).map(([key, label, groups]) => link(label, counted(groups, view.kind), { tab: key }, key === view.tab,
    (GROUPS.find(([group]) => group === key) || [])[2])));
  fill($("kinds"), ...kinds.map((kind) => link(config.kinds[kind].label, todoOf(kind), { kind }, kind === view.kind)),
    ...(view.kind === "outcome" ? [make("a", { href: config.urls.enter }, cells.icon("plus"), "登记成果"), make("a", { href: config.urls.paste }, cells.icon("table"), "粘贴清单")] : []),
    ...(config.urls.ledger ? [make("a", { href: config.urls.ledger }, cells.icon("trophy"), kinds.includes("outcome") ? "全部台账" : "成果台账")] : []));
  const left = kinds.reduce((sum, kind) => sum + todoOf(kind), 0);
  $("left").textContent = String(left);
  counters();
}

/** What the frame of the page says of these rows goes along: 待办, and the number in the menu. */
function counters() {
  if (!config.is_counted) return;
  for (const place of document.querySelectorAll("[data-counts]")) {
    const { counts } = place.dataset;
    const now = sheet.all().filter(({ group }) => counts.split(" ").includes(group)).length;
    place.others ??= Number(place.firstChild.data) - now;
    place.firstChild.data = String(place.others + now);
    (place.closest("a.opt") || place).hidden = !(place.others + now);
  }
}

function show(change) {
  Object.assign(view, change);
  history.replaceState(null, "", address({}));
  render();
  saving.say();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-view]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const query = new URL(link.href).searchParams;
  show({ kind: query.get("kind") || kinds[0], tab: query.get("tab") || TABS[0][0], sort: query.get("sort") || "", text: query.get("text") || "" });
  $("find").value = view.text;
});
$("find").value = view.text;
$("find").addEventListener("input", () => show({ text: $("find").value }));

/** Show a row whatever is filtered, and go to one of its fields. */
function jump(row, name) {
  const isShown = keys.lines.includes(row);
  if (!isShown) {
    if (!TODO.includes(row.group)) unfolded.add(row.group);
    const open = TABS.find(([key]) => key === view.tab)[2];
    show({ kind: row.kind, text: "", tab: open.includes(row.group) || view.tab === "todo" ? view.tab : "all" });
    $("find").value = "";
  }
  const isColumn = sheet.columns(row.kind).includes(name);
  keys.focusOn(row, isColumn ? name : sheet.columns(row.kind)[0]);
  if (name && !isColumn) drawer.open(row, { focus: name, back: (shown) => keys.focusOn(shown, keys.name) });
}

pane.addEventListener("click", (event) => {
  const fold = event.target.closest(".fold");
  const item = event.target.closest(".slip");
  const row = item && sheet.rows.get(item.dataset.key);
  if (fold) {
    const { group } = fold.dataset;
    if (view.tab !== "todo") return;
    if (unfolded.has(group)) unfolded.delete(group); else unfolded.add(group);
    render();
    pane.querySelector(`.fold[data-group="${group}"]`).focus();
  } else if (event.target.closest(".next")) keys.nextOf(row);
  else if (event.target.closest(".open")) {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    drawer.open(row, { back: (shown) => keys.focusOn(shown, keys.name) });
  } else if (event.target.closest(".clip")) drawer.open(row, { focus: "files", back: (shown) => keys.focusOn(shown, keys.name) });
});

// What can be submitted

const drafted = (row) => sheet.isReviewed(row) && (["draft", "returned"].includes(row.state.work) ? sheet.isDirty(row) || !row.is_unchanged : sheet.isDirty(row) && sheet.isFilled(row));
const isReady = (row) => !row.locked && !row.theirs && !sheet.missing(row).length;

function choose(row, isOn) {
  if (row.locked) { tell(row.locked); return; }
  if (!sheet.isReviewed(row)) { tell(sheet.isHeld(row) ? "这一类不用提交，填好后点“保存”即生效。" : "这一类保存后即生效，不用提交。"); return; }
  if (isOn) chosen.add(row.key); else chosen.delete(row.key);
  const tick = cells.drawn.get(row.key)?.querySelector(".tick input");
  if (tick) tick.checked = isOn;
  cells.drawn.get(row.key)?.classList.toggle("chosen", isOn);
  bar();
}
pane.addEventListener("change", (event) => {
  if (event.target.id === "every") for (const row of keys.lines) { if (!row.locked && drafted(row)) choose(row, event.target.checked); }
  else if (event.target.closest(".tick")) choose(sheet.rows.get(event.target.closest(".slip").dataset.key), event.target.checked);
});

/** What counts as soon as it is saved is saved by its own button, or taken back. */
function holding() {
  const held = saving.held();
  const ready = held.filter(isReady);
  const short = held.filter((row) => !isReady(row));
  $("bar-said").replaceChildren(make("b", {}, `${held.length} 项未保存`), held.length ? "，保存后立即生效，不需要审核" : "");
  lacking(short, [], [], short.length ? `${short.length} 项有误` : "");
  $("unpick").hidden = true;
  $("restore").hidden = !held.length;
  $("restore").onclick = () => {
    sheet.edit(held.flatMap((row) => sheet.fields(row.kind).map(({ name }) => [row, name, row.saved[name] || ""])));
    tell("已放弃未保存的修改；按 Ctrl Z 可以找回");
  };
  act(`保存 ${ready.length} 项`, ready, held.length ? "填写有误，见左边的清单" : "没有未保存的修改", "device-floppy");
}

function act(words, ready, why, icon) {
  const button = $("submit");
  fill(button, cells.icon(icon, "sm"), make("span", {}, words));
  if (ready.length) button.removeAttribute("aria-disabled"); else button.setAttribute("aria-disabled", "true");
  button.title = ready.length ? "" : why;
  button.onclick = () => { if (ready.length) ask(ready); };
}

const isHolding = () => Boolean(view.kind) && !config.kinds[view.kind].saves_itself;

function bar() {
  if (isHolding()) { holding(); return; }
  $("restore").hidden = true;
  const picked = [...chosen].map((key) => sheet.rows.get(key)).filter((row) => row && !row.locked);
  const candidates = picked.length ? picked : sheet.all().filter((row) => !row.locked && drafted(row));
  const ready = candidates.filter(isReady);
  const short = candidates.filter((row) => !isReady(row));
  // Handed in or locked meanwhile: what was refused says why where it stands now.
  const refused = sheet.all().filter((row) => row.locked && row.refusal);
  const empty = picked.length ? [] : sheet.all().filter((row) => TODO.includes(row.group) && !row.locked && !candidates.includes(row));
  $("bar-said").replaceChildren(make("b", {}, picked.length ? `已选 ${picked.length} 项` : `填好 ${ready.length} 项`),
    candidates.length && !short.length ? "，都可以提交" : picked.length ? `，${ready.length} 项可以提交` : "");
  const bare = candidates.filter((row) => sheet.isUnproved(row));
  lacking([...refused, ...short], empty, bare, [[refused, "没有提交"], [short, "不完整"], [bare, "缺佐证"], [empty, "没有动"]]
    .filter(([some]) => some.length).map(([some, words]) => `${some.length} 项${words}`).join("，"));
  $("unpick").hidden = !picked.length;
  act(picked.length ? `提交 ${ready.length} 项` : `提交全部 ${ready.length} 项`, ready, "没有填好的草稿；缺什么见左边的清单", "send");
}

/** What keeps rows from being submitted, and what is told of those that are not kept; listed once it is opened. */
function lacking(short, empty, bare, words) {
  const label = (row, name) => (name && sheet.field(row.kind, name)?.label) || "";
  const show = () => {
    if ($("lack").open) list($("lack-list"), () => { $("lack").open = false; }, [
      ...short.flatMap((row) => row.locked ? [[row, "", row.refusal]] : row.theirs ? [[row, "", "他人也改了这一项，请对照后选择"]]
        : sheet.missing(row).map(([name, sentence]) => [row, name, [label(row, name), sentence].filter(Boolean).join("：")])),
      ...bare.map(unproved),
      ...empty.map((row) => [row, sheet.columns(row.kind)[0], row.is_unchanged ? "已退回，还没有修改" : "没有填"])]);
  };
  $("lack").hidden = !words;
  $("lack-count").textContent = words;
  $("lack").ontoggle = show;
  show();
}

const unproved = (row) => [row, "files", `缺佐证：要求 ${row.evidence.needed} 份，已有 ${row.evidence.count} 份`];

/** Links to places in rows: [row, field, words][]. */
function list(place, close, items) {
  const rest = items.length - MOST_LISTED;
  place.replaceChildren(...items.slice(0, MOST_LISTED).map(([row, name, words]) => {
    const button = make("button", { type: "button", class: "link" }, `${row.code} ${words}`);
    button.addEventListener("click", () => { close(); jump(row, name); });
    return make("li", {}, button);
  }), ...(rest > 0 ? [make("li", { class: "muted" }, `另有 ${rest} 处`)] : []));
}

/** Rows with too few materials are submitted once their author has said so. */
function ask(rows) {
  const bare = rows.filter((row) => sheet.isUnproved(row));
  if (!bare.length) { submit(rows); return; }
  const dialog = $("unproved");
  dialog.querySelector("h2").textContent = `${bare.length} 项缺佐证，仍要提交？`;
  list(dialog.querySelector("ul"), () => dialog.close(), bare.map(unproved));
  dialog.onclose = () => { if (dialog.returnValue) submit(rows); };
  dialog.returnValue = "";
  dialog.showModal();
}

async function submit(rows) {
  const button = $("submit");
  button.disabled = true;
  for (const row of sheet.all()) if (row.locked) row.refusal = "";
  const answers = await saving.submit(rows);
  button.disabled = false;
  const done = answers.filter(({ ok }) => ok);
  done.forEach(({ key }) => chosen.delete(key));
  for (const { key, ok } of answers) if (!ok) unfolded.add(sheet.rows.get(key).group);
  const refused = answers.length - done.length;
  const verb = isHolding() ? "保存" : "提交";
  tell(`${done.length ? `已${verb} ${done.length} 项` : `没有${verb}`}${refused ? `；${refused} 项没有${verb}，原因已在该行标出` : ""}`, refused ? "warn" : "");
  render();
  if (refused) $("lack").open = true;
}
$("unpick").addEventListener("click", () => [...chosen].forEach((key) => choose(sheet.rows.get(key), false)));

// What is told of saving

// Counting all rows can wait until the cell is painted
let counting = 0;
const refresh = (rows) => {
  rows.forEach((row) => { cells.paint(row); drawer.paint(row); });
  clearTimeout(counting);
  counting = setTimeout(() => { tabs(); bar(); }, 60);
};
sheet.addEventListener("change", ({ detail }) => { tell(""); refresh(detail); });
sheet.addEventListener("settled", ({ detail }) => refresh(detail));

let savedAt = "";
saving.addEventListener("state", ({ detail }) => {
  const waiting = saving.unsaved().length;
  const held = saving.held().length;
  const faulty = saving.unsaved().filter((row) => sheet.hasFault(row)).length;
  if (detail.at) savedAt = `${String(detail.at.getHours()).padStart(2, "0")}:${String(detail.at.getMinutes()).padStart(2, "0")}`;
  const say = (tone, icon, ...words) => { status.className = `small ${tone}`; status.replaceChildren(cells.icon(icon, "sm"), " ", ...words); };
  if (saving.loggedOut) {
    say("ink-bad", "key", `登录已过期，${waiting} 项保留在本机浏览器。`, make("a", { class: "link", href: `${config.urls.login}?next=${encodeURIComponent(`${config.urls.back}?signed-in=1`)}`, target: "_blank", rel: "opener" }, "在新窗口登录"), saving.stranger ? "：刚才登录的是另一位用户，请用原来的账号登录。" : held === waiting ? "，回来后请再保存。" : "，回来后自动保存。");
  } else if (saving.failures && waiting) say("ink-bad", "alert-triangle", `${detail.trouble || "连接不上服务器"}，${waiting} 项保留在本机浏览器，${held === waiting ? "请稍后再保存" : "会自动再存"}。`);
  else if (detail.saving) say("muted", "device-floppy", "正在保存…");
  else if (waiting && saving.unsaved().some((row) => row.theirs)) say("ink-bad", "users", "有与他人的修改冲突的行，请对照后选择");
  else if (held && held === waiting) say("ink-warn", "pencil", `${held} 项未保存${isHolding() ? "" : `（${[...new Set(saving.held().map((row) => config.kinds[row.kind].label))].join("、")}）`}`);
  else if (waiting && waiting === faulty) say("ink-warn", "alert-triangle", `${waiting} 项有误，改正后自动保存`);
  else if (waiting && !saving.sendable().length) say("ink-warn", "alert-triangle", `${waiting} 项没有保存，原因见该行`);
  else if (waiting) say("muted", "pencil", `${waiting} 项待保存`);
  else if (savedAt) say("ink-ok", "device-floppy", `${isHolding() ? "已保存" : "草稿已自动保存"} ${savedAt}`);
});

saving.addEventListener("leaving", () => keys.commit());

// Begin
render();
const isBack = asked.has("signed-in");
const restored = isBack ? [] : saving.restore();
if (isBack) { tell("已重新登录。请关闭本窗口，回到原来的窗口，内容会自动保存。"); window.close(); }
if (restored.length) { refresh(restored); tell(`已恢复本机保留的 ${restored.length} 项没有保存的内容`); }

// Messages lead to one row: #indicator:12, by the name of the kind or of its record
const RECORDS = { taskpoint: "point", satisfactionresult: "satisfaction", task: "effect" };
function arrive() {
  const [kind, number] = decodeURIComponent(location.hash.slice(1)).split(":");
  const row = sheet.rows.get(`${RECORDS[kind] || kind}:${number}`);
  if (row) jump(row, sheet.columns(row.kind)[0]);
}
window.addEventListener("hashchange", arrive);
arrive();
document.documentElement.dataset.ready = "mine";
