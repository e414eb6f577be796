// Evidence travels file by file: chosen, dropped, pasted or photographed, each with its own bar.
// Works on every `.drop input[type=file][data-upload]`, also on those that come into the page later.
(() => {
  "use strict";
  const AT_ONCE = 2;
  // Hashed here, a file that the college has already need not travel.
  const MOST_HASHED = 50 * 1024 * 1024;
  const INPUT = ".drop input[type=file][data-upload]";
  // The cookie knows of a log-in in another window, this page does not
  const token = () => (document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [])[1]
    || JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
  const queue = [];
  let running = 0;
  let last = null;

  const element = (name, text, css) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (css) made.className = css;
    return made;
  };

  // One line for a file: its name, what is going on, a bar, and the button that cancels or tries again
  class Item {
    constructor(input, file, name) {
      Object.assign(this, { input, file, name, request: null, isCancelled: false });
      this.line = element("li", "", "sending");
      this.said = element("span", size(file.size));
      this.said.setAttribute("role", "status");
      this.bar = element("progress");
      this.bar.max = 100;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", `上传 ${name}`);
      this.button = element("button", "", "btn btn-sm");
      this.button.type = "button";
      this.line.append(element("b", name), this.said, this.bar, this.button);
      input.closest(".field").querySelector(".chosen").append(this.line);
      this.offer("取消", () => this.cancel());
    }

    offer(word, action) {
      this.button.textContent = word;
      this.button.setAttribute("aria-label", `${word} ${this.name}`);
      this.button.hidden = !action;
      this.button.onclick = action;
    }

    tell(sentence, css) {
      this.said.textContent = sentence;
      this.line.className = css || "sending";
    }

    cancel() {
      this.isCancelled = true;
      if (this.request) this.request.abort();
      const place = queue.indexOf(this);
      if (place >= 0) queue.splice(place, 1);
      this.bar.hidden = true;
      this.tell("已取消");
      this.offer("重试", () => this.again());
    }

    again() {
      this.isCancelled = false;
      this.bar.hidden = false;
      this.bar.value = 0;
      this.tell("等待上传");
      this.offer("取消", () => this.cancel());
      enqueue(this);
    }

    fail(sentence, canRetry) {
      this.bar.hidden = true;
      this.tell(sentence, "bad");
      this.offer(canRetry ? "重试" : "", canRetry ? () => this.again() : null);
    }

    done(answer) {
      this.bar.hidden = true;
      this.tell(answer.known || "已上传", "done");
      for (const use of answer.uses || []) {
        const link = element("a", use.text);
        link.href = use.href;
        this.said.append(" ", link);
      }
      this.offer("", null);
      if (answer.reload) {
        location.reload();
        return;
      }
      renew(this.input, answer);
      this.input.dispatchEvent(new CustomEvent("evidence:added", { bubbles: true, detail: answer }));
    }
  }

  // The list of files nearest to the input shows what is there now
  const renew = (input, answer) => {
    let around = input.parentElement;
    while (around && !around.querySelector("[data-files]")) around = around.parentElement;
    if (!around || answer.files === undefined) return;
    const list = around.querySelector("[data-files]");
    // Two files travel at once, and the answer that was given first may arrive last
    if (answer.read_at < Number(list.dataset.readAt || 0)) return;
    list.dataset.readAt = answer.read_at;
    list.innerHTML = answer.files;
    // Beside a form that is being filled in, a button that leaves the page would cost what was typed
    if (list.dataset.files === "plain") for (const each of list.querySelectorAll("form")) each.remove();
    const count = around.querySelector("[data-files-count]");
    if (count) count.textContent = answer.count;
  };

  const post = (item, body, progress) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    item.request = request;
    request.open("POST", item.input.dataset.upload);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token());
    if (progress) request.upload.onprogress = progress;
    request.onload = () => resolve(request);
    request.onerror = () => reject(new Error("连接中断，请检查网络后重试。"));
    request.onabort = request.onerror;
    request.send(body);
  });

  const digestOf = async (file) => {
    if (file.size > MOST_HASHED || !window.crypto || !crypto.subtle) return "";
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  const form = (...pairs) => {
    const data = new FormData();
    for (const pair of pairs) data.append(...pair);
    return data;
  };

  // What the server said; a page instead of an answer means that the session has ended, or that it refused
  const read = (item, request) => {
    const isJson = (request.getResponseHeader("Content-Type") || "").startsWith("application/json");
    if (isJson) {
      const answer = JSON.parse(request.responseText);
      if (answer.ok || answer.unknown) return answer;
      item.fail((answer.errors || []).join(" ") || "没有保存。", request.status >= 500);
      return null;
    }
    const login = new URL(document.body.dataset.login || "/login/", location.href).pathname;
    if (new URL(request.responseURL || location.href).pathname === login) {
      item.fail("登录已过期：请在新窗口重新登录，再回来点重试。", true);
      return null;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const sentence = page.querySelector("[data-sentence]");
    item.fail(sentence ? sentence.textContent.trim() : `没有成功（错误 ${request.status}）。`, request.status >= 500);
    return null;
  };

  const send = async (item) => {
    const digest = await digestOf(item.file);
    if (item.isCancelled) return;
    if (digest) {
      const asked = read(item, await post(item, form(["sha256", digest], ["name", item.name])));
      if (!asked) return;
      if (asked.ok) {
        item.done(asked);
        return;
      }
    }
    const answer = read(item, await post(item, form(["materials", item.file, item.name]), (event) => {
      const percent = Math.floor(100 * event.loaded / event.total);
      item.bar.value = percent;
      item.tell(percent < 100 ? `${percent}%，共 ${size(item.file.size)}` : "正在检查");
    }));
    if (answer) item.done(answer);
  };

  const work = () => {
    while (running < AT_ONCE && queue.length) {
      const item = queue.shift();
      running += 1;
      send(item).catch((error) => {
        if (!item.isCancelled) item.fail(error.message || "没有成功。", true);
      }).finally(() => {
        running -= 1;
        work();
      });
    }
  };
  const enqueue = (item) => { queue.push(item); work(); };

  // Cameras and clipboards call everything "image.png"
  const nameOf = (file, word) => {
    if (!/^(image|photo|blob)?\.?\w*$/i.test(file.name) || !file.type.startsWith("image/")) return file.name;
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("");
    return `${word} ${day} ${time}.${file.type === "image/jpeg" ? "jpg" : file.type.slice(6)}`;
  };

  const take = (input, files, word = "") => {
    const limit = Number(input.dataset.maxBytes);
    last = input;
    for (const file of files) {
      const item = new Item(input, file, word ? nameOf(file, word) : file.name);
      if (limit && file.size > limit) item.fail(`${size(file.size)}，超过 ${size(limit)} 的上限，没有上传。`, false);
      else if (!file.size) item.fail("是空文件，没有上传。", false);
      else enqueue(item);
    }
  };

  document.addEventListener("change", (event) => {
    const target = event.target;
    const input = target.matches(INPUT) ? target
      : target.matches("input[data-snap]") ? target.closest(".field").querySelector(INPUT) : null;
    if (!input || !target.files.length) return;
    // Sent here, so that the form does not send it again and nobody else lists it
    event.stopImmediatePropagation();
    take(input, [...target.files], target === input ? "" : "照片");
    target.value = "";
  }, true);

  const visible = () => [...document.querySelectorAll(INPUT)].filter((input) => input.closest(".drop").offsetParent);
  const nearest = () => (last && last.isConnected && visible().includes(last) ? last : visible()[0]);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData ? event.clipboardData.files : [])];
    const input = nearest();
    // In a field of text, text that comes with a picture is what is wanted
    const isText = event.target.closest && event.target.closest("input:not([type=file]), textarea")
      && event.clipboardData.types.includes("text/plain");
    if (!files.length || !input || isText) return;
    event.preventDefault();
    take(input, files, "截图");
  });
  // A file that misses the zone would replace the page
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (event.target.matches && event.target.matches("input[type=file]")) return;
      if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      if (name === "drop" && nearest()) take(nearest(), [...event.dataTransfer.files]);
    });
  }

  window.addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
  document.documentElement.classList.add("uploads");
})();
