"use strict";
// The plain page: log in, look at my runs, watch one and bid in it. What is shown of a run is its snapshot with the
// events folded in; what may be done is what the server says (viewer.may).

const $ = (id) => document.getElementById(id);
const milli = (text) => Math.round(Number(text) * 1000);
const text = (thousandths) => String(thousandths / 1000);
let me = null, live = null, pressed = false;

function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function show(...nodes) { $("main").replaceChildren(...nodes.filter(Boolean)); }

/** Puts `fresh` where other nodes stood, and leaves alone what looks the same: under a finger, nothing should be exchanged. */
function become(parent, fresh) {
  const old = [...parent.childNodes];
  fresh.forEach((node, i) => {
    const was = old[i];
    if (!was) parent.append(node);
    else if (was.isEqualNode(node)) return;
    else if (was.className === "grid" && node.className === "grid") become(was, [...node.childNodes]);
    else was.replaceWith(node);
  });
  old.slice(fresh.length).forEach((node) => node.remove());
}

function toast(message) {
  $("toast").textContent = message;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, 5000);
}

function uuid() { // crypto.randomUUID is missing on plain http
  const b = crypto.getRandomValues(new Uint8Array(16));
  [b[6], b[8]] = [(b[6] & 15) | 64, (b[8] & 63) | 128];
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function api(method, path, body) {
  const headers = body ? { "content-type": "application/json" } : {};
  const answer = await fetch("/api/v1" + path, { method, headers, body: body && JSON.stringify(body) });
  const json = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return json;
  throw Object.assign(new Error(json?.detail || answer.statusText), { status: answer.status });
}

async function all(path) {
  const items = [];
  for (let cursor = ""; cursor !== undefined;) {
    const page = await api("GET", `${path}?limit=100${cursor && "&cursor=" + encodeURIComponent(cursor)}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

// Logging in.
async function loginPage() {
  const demo = await fetch("/demo.json").then((r) => r.json()).catch(() => ({ people: [] }));
  const user = h("input", { name: "username", autocomplete: "username", required: true });
  const pass = h("input", { type: "password", autocomplete: "current-password", required: true });
  const enter = (username, password) =>
    api("POST", "/auth/session", { username, password }).then(start).catch((error) => toast(error.message));
  const submit = (event) => { event.preventDefault(); enter(user.value, pass.value); };
  show(
    h("h1", {}, "Buy in bulk, together"),
    h("form", { class: "card", onsubmit: submit },
      h("label", {}, "Username", user), h("label", {}, "Password", pass),
      h("button", { class: "main" }, "Log in")),
    demo.people.length ? h("h2", {}, "Demo: come in as") : null,
    h("div", { class: "row" }, demo.people.map((p) =>
      h("button", { type: "button", onclick: () => enter(p.username, demo.password) }, p.name))));
}

// My groups and their runs.
async function homePage() {
  const groups = await all("/groups");
  const parts = await Promise.all(groups.map(async (group) => {
    const { items } = await api("GET", `/groups/${group.id}/runs?limit=100`);
    return [h("h2", {}, group.name, " ", h("span", { class: "soft" }, `${group.members} members`)), ...items.map(runCard)];
  }));
  show(h("h1", {}, "My runs"), ...parts.flat(), groups.length ? null : h("p", {}, "You are in no group yet."));
}

function runCard(run) {
  return h("a", { class: "card", href: "#run=" + run.id },
    h("div", { class: "row" }, h("b", {}, run.store_name), h("span", { class: "push state " + run.state }, run.state)),
    h("p", { class: "soft" }, [run.comment, run.participants === 1 ? "1 person" : `${run.participants} people`].filter(Boolean).join(" · ")));
}

// A run, live.
class LiveRun {
  constructor(id) {
    Object.assign(this, { id, view: null, news: [], shelf: [], here: [], pending: new Map(), next: 1, wait: 500 });
    this.connect();
    this.pulse = setInterval(() => this.listen(), 10000);
  }

  connect() {
    status("connecting…");
    const socket = this.socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/api/v1/ws`);
    this.heard = Date.now();
    socket.onopen = () => this.send({ type: "subscribe", topic: "run:" + this.id, after: this.view?.seq });
    socket.onmessage = (message) => { if (socket === this.socket) this.hear(JSON.parse(message.data)); };
    socket.onclose = (event) => { if (socket === this.socket) this.lost(event.code); };
  }

  lost(code) {
    this.socket = null;
    if (this.closed) return;
    if (code === 4009 || code === 4001) return start(null);
    status("reconnecting…");
    setTimeout(() => this.closed || this.connect(), this.wait * (0.5 + Math.random()));
    this.wait = Math.min(this.wait * 2, 15000);
    // A login that has ended looks like any refused handshake: ask.
    if (this.wait > 2000) api("GET", "/auth/me").catch((error) => { if (error.status === 401) start(null); });
  }

  listen() { // a phone that changed its network is told nothing: a pong that does not come is a lost connection
    if (!this.socket) return;
    if (Date.now() - this.heard > 25000) {
      this.socket.close();
      this.lost();
    } else if (this.socket.readyState === WebSocket.OPEN) this.send({ type: "ping" });
  }

  close() { this.closed = true; clearInterval(this.pulse); this.socket?.close(); status(""); }

  send(frame) { this.socket.send(JSON.stringify({ id: this.next++, ...frame })); }

  ask(command) { // kept until answered; sent again, under the same command id, after a reconnect
    const id = this.next++;
    this.pending.set(id, { id, type: "command", run: this.id, command_id: uuid(), command });
    this.resend(id);
    this.redraw();
  }

  /** What I asked for last of a product, until it is seen in the stream. */
  asked(product) { return [...this.pending.values()].reverse().find((f) => f.command.product_id === product)?.command; }

  /** What I hold of a product, or am about to. */
  wish(product) {
    const bids = this.view.products.find((p) => p.product_id === product)?.bids || [];
    return this.asked(product)?.quantity ?? bids.find((b) => b.user_id === me.id)?.quantity;
  }

  resend(id) {
    const { seq, ...frame } = this.pending.get(id) || { seq: 0 };
    if (this.socket?.readyState === WebSocket.OPEN && seq === undefined) this.socket.send(JSON.stringify(frame));
  }

  hear(frame) {
    this.heard = Date.now();
    if (frame.type === "subscribed") {
      this.wait = 500;
      status("live", true);
      if (frame.snapshot) this.view = frame.snapshot;
      for (const event of frame.events || []) this.fold(event);
      for (const id of this.pending.keys()) this.resend(id);
      this.loadShelf();
      this.look();
    } else if (frame.type === "events") frame.events.forEach((event) => this.fold(event));
    else if (frame.type === "committed" && this.pending.has(frame.id)) this.pending.get(frame.id).seq = frame.seq;
    else if (frame.type === "rejected") {
      this.pending.delete(frame.id);
      toast(frame.detail);
      if (!this.view) location.hash = "";
    } else if (frame.type === "presence") this.here = frame.viewers;
    else if (frame.type === "unknown") setTimeout(() => this.resend(frame.id), frame.retry_after_ms);
    else if (frame.type === "reset") {
      this.view = null;
      this.send({ type: "subscribe", topic: "run:" + this.id });
    } else if (frame.type === "revoked") {
      toast("You are not in this group any more.");
      location.hash = "";
    }
    for (const [id, { seq }] of this.pending) if (seq <= this.view?.seq) this.pending.delete(id);
    this.redraw();
  }

  redraw() { // not under a finger: a button that is replaced between down and up is not clicked
    if (!this.view || this.drawing) return;
    this.drawing = true;
    const soon = () => {
      if (pressed) return void setTimeout(soon, 50);
      this.drawing = false;
      draw(this);
    };
    requestAnimationFrame(soon);
  }

  fold(event) {
    const run = this.view;
    if (!run || event.seq <= run.seq) return;
    run.seq = event.seq;
    const person = run.participants.find((p) => p.user_id === event.user_id);
    const product = run.products.find((p) => p.product_id === event.product_id);
    const line = (now) => {
      const at = run.products.find((p) => p.product_id === now.product_id);
      if (at) Object.assign(at, { wanted: now.wanted, interested: now.interested, plan: now.plan });
    };
    const drop = (user, now) => {
      const at = run.products.find((p) => p.product_id === now.product_id);
      if (at) at.bids = at.bids.filter((bid) => bid.user_id !== user);
      line(now);
      run.products = run.products.filter((p) => p.bids.length);
    };
    const told = describe(run, event, product);
    if (told) this.news = [told, ...this.news].slice(0, 12);
    if (event.type === "participant_joined") {
      if (person) Object.assign(person, { removed: false, name: event.name });
      else run.participants.push({ user_id: event.user_id, name: event.name, role: "participant", ready: false });
    } else if (event.type === "product_added") {
      const p = event.product;
      const plan = { pack: p.pack || p.step, minimum: p.minimum, packs: 0, planned: "0", gap: "0" };
      run.products.push({ ...p, product_id: p.id, bids: [], wanted: "0", interested: 0, plan });
    } else if (event.type === "bid_placed") {
      const { user_id, min, quantity, max, interested_only, comment } = event;
      const bid = { user_id, min, quantity, max, interested_only, comment };
      const at = product.bids.findIndex((b) => b.user_id === user_id);
      if (at < 0) product.bids.push(bid); else product.bids[at] = bid;
      line(event);
      if (person) person.ready = false;
    } else if (event.type === "bid_retracted") {
      drop(event.user_id, event);
      if (person) person.ready = false;
    } else if (event.type === "ready_set" && person) person.ready = event.ready;
    else if (event.type === "member_left") {
      for (const now of event.lines || []) drop(event.user_id, now);
      if (person) Object.assign(person, { removed: true, ready: false });
    } else if (event.type === "details_edited") {
      for (const name of ["comment", "planned_on", "bidding_deadline"]) if (name in event) run[name] = event[name];
    } else if (event.state) {
      run.state = event.state;
      if (event.type === "run_stepped_back") run.participants.forEach((p) => { p.ready = false; });
      if (event.type === "run_cancelled") run.cancel_reason = event.reason;
    }
    if (event.state || event.user_id === me.id) this.look();
  }

  look() { // what I may do is the server's to say
    clearTimeout(this.looking);
    this.looking = setTimeout(async () => {
      const fresh = await api("GET", "/runs/" + this.id).catch(() => null);
      if (fresh && this.view) { this.view.viewer = fresh.viewer; this.view.estimate = fresh.estimate; this.redraw(); }
    }, 150);
  }

  async loadShelf() {
    if (this.shelf.length) return;
    this.shelf = await all(`/stores/${this.view.store_id}/products`).catch(() => []);
    this.redraw();
  }
}

function status(message, good) {
  $("link").textContent = message && (good ? "● " : "○ ") + message;
  $("link").className = good ? "live" : "";
}

function describe(run, event, product) {
  const name = (id) => run.participants.find((p) => p.user_id === id)?.name || "Somebody";
  const who = name(event.user_id);
  const what = product?.name;
  switch (event.type) {
    case "participant_joined": return `${event.name} joined`;
    case "bid_placed": return event.interested_only ? `${who} is interested in ${what}`
      : `${who}: ${event.quantity} ${product.unit} ${what}` + (event.plan.gap === "0" ? " – full" : "");
    case "bid_retracted": return `${who} took ${what} back`;
    case "ready_set": return `${who} is ${event.ready ? "ready" : "not ready any more"}`;
    case "everyone_ready": return "Everybody is ready";
    case "member_left": return `${who} left the group`;
    default: return event.state ? `The run is ${event.state}` : null;
  }
}

function draw(run) {
  if (run.closed || run.view === null) return;
  const view = run.view;
  const may = new Set(view.viewer?.may || []);
  const lead = [["open", "Open bidding"], ["confirm", "Close bidding"], ["step_back", "Step back"]];
  const money = (minor) => {
    const format = new Intl.NumberFormat(undefined, { style: "currency", currency: view.currency });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  };
  const cancel = () => {
    const reason = prompt("Cancel this run? Everybody's bids become void. Why?");
    if (reason) run.ask({ type: "cancel", reason });
  };
  const mine = view.participants.find((p) => p.user_id === me.id);
  const close = () => {
    const { participants, products } = run.view;
    const waiting = participants.filter((p) => !p.removed && !p.ready && products.some((q) =>
      q.bids.some((b) => b.user_id === p.user_id))).map((p) => p.name);
    if (!waiting.length || confirm(`Not ready yet: ${waiting.join(", ")}. Close bidding all the same?`)) run.ask({ type: "confirm" });
  };
  const focused = document.activeElement?.id;
  const typing = focused === "add" ? $("add") : null; // typing survives drawing
  become($("main"), [
    h("div", { class: "row" }, h("h1", {}, view.store_name), h("span", { class: "state " + view.state }, view.state),
      h("span", { class: "push" }, "≈ " + money(view.estimate))),
    h("p", {}, view.comment || ""), view.cancel_reason ? h("p", {}, "Cancelled: " + view.cancel_reason) : null,
    h("ul", { class: "people" }, view.participants.filter((p) => !p.removed).map((p) =>
      h("li", { class: p.ready ? "ready" : "" }, run.here.includes(p.user_id) ? h("span", { class: "here", title: "looks at this page" }, "● ") : null,
        (p.ready ? "✓ " : "") + p.name + (p.role === "leader" ? " ★" : "")))),
    h("div", { class: "row" },
      may.has("set_ready") ? h("button", { id: "ready", class: mine?.ready ? "" : "main",
        onclick: () => run.ask({ type: "set_ready", ready: !mine?.ready }) }, mine?.ready ? "Not ready after all" : "I am ready") : null,
      lead.filter(([kind]) => may.has(kind)).map(([kind, label]) =>
        h("button", { id: kind, onclick: kind === "confirm" ? close : () => run.ask({ type: kind }) }, label)),
      may.has("cancel") ? h("button", { onclick: cancel }, "Cancel the run") : null),
    may.has("place_bid") ? typing?.parentNode || adder(run) : null,
    h("div", { class: "grid" }, view.products.map((p) => productCard(run, p, may, money))),
    run.news.length ? h("h2", {}, "Just now") : null, h("ul", { class: "soft" }, run.news.map((line) => h("li", {}, line)))].filter(Boolean));
  if (focused) $(focused)?.focus();
}

function adder(run) {
  const label = (row) => row.product.name + (row.product.brand ? " · " + row.product.brand : "");
  const choose = (event) => {
    const row = run.shelf.find((r) => label(r) === event.target.value);
    if (!row) return;
    event.target.value = "";
    event.target.blur();
    if (milli(run.wish(row.product.id) || "0")) return toast("You have a bid on that already.");
    run.ask({ type: "place_bid", product_id: row.product.id, quantity: text(stride(row.product.step, row.pack || row.product.step)) });
  };
  return h("label", {}, h("input", { id: "add", list: "shelf", placeholder: "Add a product…", oninput: choose }),
    h("datalist", { id: "shelf" }, run.shelf.map((row) => h("option", { value: label(row) }))));
}

/** How much one tap on + adds, in thousandths: nobody taps their way through 25 kg in steps of 10 g. */
function stride(step, pack) {
  const [fine, whole] = [milli(step), milli(pack) > 3000 ? 1000 : 500];
  return Math.ceil(Math.max(fine, Math.min(whole, milli(pack))) / fine) * fine;
}

function productCard(run, p, may, money) {
  const bid = p.bids.find((b) => b.user_id === me.id);
  const asked = run.asked(p.product_id);
  const now = run.wish(p.product_id);
  const have = now ? milli(now) : 0;
  const by = stride(p.step, p.plan.pack);
  const gap = milli(p.plan.gap);
  const want = (quantity, more) => run.ask({ type: "place_bid", product_id: p.product_id, quantity: text(quantity), ...more });
  const change = (by) => { // what was said of tolerance and in words stays said
    const bid = run.view.products.find((q) => q.product_id === p.product_id)?.bids.find((b) => b.user_id === me.id);
    const { min = "0", max, comment } = bid || {};
    const quantity = Math.max(0, milli(run.wish(p.product_id) || "0") + by);
    want(quantity, quantity && bid && {
      min: text(Math.min(quantity, milli(min))), comment: comment || undefined,
      max: milli(max) > milli(bid.quantity) ? text(Math.max(quantity, milli(max))) : undefined });
  };
  const share = Math.min(1, milli(p.wanted) / Math.max(1, milli(p.wanted) + gap));
  const names = p.bids.map((b) => {
    const name = run.view.participants.find((q) => q.user_id === b.user_id)?.name.split(" ")[0];
    return b.interested_only ? `${name}?` : `${name} ${b.quantity}${b.max === b.quantity ? "" : "–" + b.max}`;
  });
  const packs = p.plan.packs ? `${p.plan.packs} × ${p.plan.pack} ${p.unit} planned` : "nothing planned yet";
  return h("section", { class: "card" + (gap === 0 && p.plan.packs ? " full" : "") },
    h("div", { class: "row head" }, h("b", {}, p.name),
      h("span", { class: "push soft" }, p.price ? `${money(p.price)} / ${p.unit}` : "")),
    h("p", { class: "soft" }, names.join(", ")),
    h("progress", { max: "1", value: String(share), "aria-label": "how full" }),
    h("p", { class: "soft" }, `${p.wanted} ${p.unit} wanted · ${packs}`),
    may.has("place_bid") ? h("div", { class: "row" },
      h("button", { id: "less-" + p.product_id, class: "step", disabled: !have, "aria-label": "less " + p.name,
        onclick: () => change(-by) }, "−"),
      h("span", { class: asked ? "soft" : "" }, have ? `${now} ${p.unit}` : "–"),
      h("button", { id: "more-" + p.product_id, class: "step", "aria-label": "more " + p.name, onclick: () => change(by) }, "+"),
      gap ? h("button", { id: "fill-" + p.product_id, class: "push gap",
        title: `${p.plan.gap} ${p.unit} more and it is full`,
        onclick: () => want((bid ? milli(bid.max) : 0) + gap, { fill: true }) }, `+ ${p.plan.gap} ${p.unit} fills it`) : null) : null);
}

// Which page.
async function route() {
  live?.close();
  live = null;
  const id = location.hash.match(/^#run=([0-9a-f-]{36})$/)?.[1];
  if (!me) return loginPage();
  if (id) { show(h("p", {}, "…")); live = new LiveRun(id); } else await homePage().catch((error) => toast(error.message));
}

async function start(user) { // the hint spares a stranger's first look a refusal
  me = user ?? (localStorage.getItem("in") && await api("GET", "/auth/me").catch(() => null));
  if (me) localStorage.setItem("in", "1"); else localStorage.removeItem("in");
  $("who").textContent = me?.name || "";
  $("out").hidden = !me;
  await route();
}

addEventListener("pointerdown", () => { pressed = true; });
for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => setTimeout(() => { pressed = false; }));
$("out").addEventListener("click", () => {
  live?.close();
  localStorage.removeItem("in");
  api("POST", "/auth/logout").finally(() => start(null));
});
addEventListener("hashchange", route);
start(null);
