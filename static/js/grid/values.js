// What people type into a cell, in the spelling the server knows; what it cannot be, as a sentence.

const NUMBER = /^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/;
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s+0?0:00(?::00)?)?$/;
// Days as Excel counts them, from 1990 to 2100: a date cell without a date format is copied so.
const FIRST_SERIAL = 32874, LAST_SERIAL = 73415;

const narrow = (text) => text.normalize("NFKC");
const pad = (number) => String(number).padStart(2, "0");
export const iso = (date) => `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;

/** The text as it goes into the cell: full-width digits, thousands, units, % and the spellings of a day. */
export function spelled(type, text, unit = "") {
  if (type === "text") return text.replace(/\r\n?/g, "\n").trim();
  const short = narrow(text).trim();
  if (!short) return "";
  if (type === "date") return day(short) || text.trim();
  let bare = short.replace(/\s/g, "");
  if (type === "percent") bare = bare.replace(/%$/, "");
  else if (unit && bare.endsWith(narrow(unit).replace(/\s/g, ""))) bare = bare.slice(0, -narrow(unit).replace(/\s/g, "").length);
  return NUMBER.test(bare) ? bare.replace(/,/g, "") : text.trim();
}

function day(text) {
  const serial = Number(text);
  if (/^\d{5}$/.test(text) && serial >= FIRST_SERIAL && serial <= LAST_SERIAL) return iso(new Date((serial - 25569) * 864e5));
  const [, year, month, dom] = (/^\d{8}$/.test(text) ? text.replace(/(....)(..)(..)/, "$1-$2-$3") : text).match(DAY) || [];
  if (!year) return "";
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(dom)));
  return date.getUTCMonth() === Number(month) - 1 ? iso(date) : "";
}

/** What is wrong with a spelled value, or nothing. The server has the last word. */
export function fault(type, value) {
  if (!value || type === "text") return "";
  if (type === "date") return day(value) ? "" : "应为日期，例如 2026-05-20";
  if (!NUMBER.test(value)) return type === "percent" ? "应为百分数，例如 80 或 80%" : "应为数字，例如 2";
  return value.startsWith("-") ? "应为 0 或大于 0 的数" : "";
}

/** a − b of two decimals in text, exact; nothing unless both are numbers. */
export function difference(a, b) {
  if (!NUMBER.test(a) || !NUMBER.test(b)) return "";
  const places = (text) => (text.split(".")[1] || "").length;
  const scale = Math.max(places(a), places(b));
  const whole = (text) => {
    const [head, tail = ""] = text.replace(/,/g, "").split(".");
    return BigInt(head + tail.padEnd(scale, "0"));
  };
  const found = whole(a) - whole(b);
  const digits = String(found < 0n ? -found : found).padStart(scale + 1, "0");
  const shown = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, "") : digits;
  return (found > 0n ? "+" : found < 0n ? "−" : "±") + shown;
}

/** A ratio as the site writes it: half up, two places, no trailing zeros. */
export function share(part, whole) {
  if (!NUMBER.test(part) || !NUMBER.test(whole) || !Number(whole)) return "";
  return `${Number((Math.round(Number(part.replace(/,/g, "")) / Number(whole.replace(/,/g, "")) * 1e4 + 1e-7) / 100).toFixed(2))}%`;
}

/** A block as Excel and WPS put it on the clipboard: cells in quotes may hold tabs, line breaks and quotes. */
export function readBlock(text) {
  const rows = [[]];
  let cell = "", quoted = false, begun = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') { cell += '"'; at += 1; } else quoted = false;
    } else if (sign === '"' && !begun) { quoted = true; begun = true; }
    else if (sign === "\t") { rows.at(-1).push(cell); cell = ""; begun = false; }
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at += 1;
      rows.at(-1).push(cell); cell = ""; begun = false;
      rows.push([]);
    } else { cell += sign; begun = true; }
  }
  // A quote that nothing closes was no quote.
  if (quoted) return text.split(/\r\n?|\n/).map((line) => line.split("\t"));
  rows.at(-1).push(cell);
  const last = rows.at(-1);
  if (rows.length > 1 && last.length === 1 && !last[0]) rows.pop();
  return rows;
}

export function writeBlock(rows) {
  const quote = (cell) => /["\t\n\r]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;
  return rows.map((cells) => cells.map(quote).join("\t")).join("\r\n");
}
