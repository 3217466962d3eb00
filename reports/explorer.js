// The explorer: a virtual list of pairs, search, filters, and the pair that is open.
// Texts reach the page as text nodes only; the page's policy forbids anything else.
const root = document.getElementById("explorer");
const part = (name) => root?.querySelector(`[data-part="${name}"]`);
const list = part("list"), rowsBox = part("rows"), spacer = part("spacer");
const detail = part("detail"), count = part("count"), search = part("q"), help = part("help");
const selects = [...document.querySelectorAll("select[data-key]")];
const chunkNodes = [...document.querySelectorAll("script[data-chunk]")];
const KEPT_CHUNKS = 8, DIFF_CELLS = 9e6;
let index, pairs, say, rows = [], state = {}, turn = 0, opening = 0, chosen = -1;
let found = { q: "", pairs: null };
const shows = { marks: true, diff: false };

// --- small things

const el = (tag, name, ...inside) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  node.append(...inside);
  return node;
};
const set = (node, attributes) => {
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  return node;
};
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
const whole = (n) => n.toLocaleString(index.language);
const signed = (v) => (v < 0 ? "" : "+") + v.toFixed(v && Math.abs(v) < 0.005 ? 3 : 2);
// Korean typed on a Mac or copied from a file name may come apart into jamo (NFD).
const plain = (text) => text.normalize("NFC").toLowerCase();
const unboxed = (text) => text.replace(/⟦U\+[0-9A-F]+⟧/g, "");
const name = (kind, at) => index.names[kind][at]?.[1] ?? "";
const tell = (key, values) => count.replaceChildren(fill(say[key], values));

async function unpack(node) {
  const packed = atob(node.textContent.trim());
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const kept = new Map();
function chunk(at) {
  const known = kept.get(at) ?? unpack(chunkNodes[at]);
  kept.delete(at);
  kept.set(at, known);
  if (kept.size > KEPT_CHUNKS) kept.delete(kept.keys().next().value);
  return known;
}

// --- the address: everything that was chosen stands in the hash

function read() {
  const given = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  state = Object.fromEntries(given);
  search.value = state.q ?? "";
  for (const select of selects) select.value = state[select.dataset.key] ?? "";
  const mode = part("mode");
  if (mode && !state.mode) mode.value = index.names.mode[wanted().mode][0];
}

function write(asNew) {
  for (const key of Object.keys(state)) if (!state[key]) delete state[key];
  const hash = "#" + (new URLSearchParams(state).toString() || "texts");
  if (hash !== location.hash) history[asNew ? "pushState" : "replaceState"](null, "", hash);
}

// --- which pairs: without an outcome a row is a pair, with one it is a judge's verdict

const numberOf = (kind, key) => index.names[kind].findIndex(([own]) => own === key);

function wanted() {
  const want = {};
  for (const kind in index.names) want[kind] = state[kind] ? numberOf(kind, state[kind]) : null;
  if (want.mode === null) want.mode = Math.max(numberOf("mode", "pairwise"), 0);
  return want;
}

function select() {
  const want = wanted(), result = [];
  pairs.forEach((pair, p) => {
    if (found.pairs && !found.pairs.has(p)) return;
    if (want.candidate !== null && pair.candidate !== want.candidate) return;
    if (want.category !== null && pair.head[1] !== want.category) return;
    if (want.flag !== null && !pair.flags.includes(want.flag)) return;
    const games = pair.games.filter(([criterion, judge, mode]) =>
      mode === want.mode && (want.criterion ?? criterion) === criterion &&
      (want.judge ?? judge) === judge);
    if ((want.criterion !== null || want.judge !== null) && !games.length) return;
    if (!state.outcome) result.push(row(p, games));
    else for (const game of games)
      if (outcome(game[3]) === state.outcome) result.push(row(p, [game]));
  });
  // The sort is stable, so pairs that are alike keep the order of the prompts.
  const by = state.sort;
  return by ? result.sort((a, b) => b[by] - a[by]) : result;
}

const outcome = (value) =>
  value === null ? "none" : value > 0 ? "win" : value < 0 ? "loss" : "tie";

function row(p, games) {
  const known = games.filter((game) => game[3] !== null);
  const value = known.length ? known.reduce((sum, game) => sum + game[3], 0) / known.length : null;
  let judges = -1, orders = -1;
  for (const [criterion, , , own, gap] of known) {
    orders = Math.max(orders, gap);
    for (const other of known)
      if (other[0] === criterion) judges = Math.max(judges, own - other[3]);
  }
  return { p, games, value, difference: value === null ? -1 : Math.abs(value), judges, orders };
}

// --- search: the list's own words first, then every text, chunk by chunk

async function look(mine) {
  const query = state.q ?? "";
  if (found.q === query) return true;
  if (!query) { found = { q: "", pairs: null }; return true; }
  const needle = plain(query);
  const has = (text) => text.includes(query) || plain(unboxed(text)).includes(needle);
  const hits = new Set();
  let p = 0;
  for (let at = 0; at < chunkNodes.length; at++) {
    // A scan must not push the chunk that is being read out of memory, so it keeps none.
    const items = await (kept.get(at) ?? unpack(chunkNodes[at]));
    if (mine !== turn) return false;
    const last = index.chunks[at + 1] ?? index.items.length;
    for (; p < pairs.length && pairs[p].item < last; p++) {
      const pair = pairs[p], item = items[pair.item - index.chunks[at]];
      const own = item.texts[pair.place], inside = ([, [text]]) => has(text);
      item.has ??= has(pair.head[0]) || item.turns.some(inside) ||
        has(item.texts[item.baseline]?.text[0] ?? "");
      if (item.has || has(own.name) || has(own.text[0]) || own.why?.some(inside)) hits.add(p);
    }
    for (const item of items) delete item.has;
    if (at % 5 === 4) tell("searching", { share: Math.round((100 * (at + 1)) / chunkNodes.length) });
  }
  found = { q: query, pairs: hits };
  return true;
}

// --- the list

const rowHeight = () => parseFloat(getComputedStyle(list).getPropertyValue("--row")) || 64;

function draw() {
  const height = rowHeight();
  const first = Math.max(0, Math.floor(list.scrollTop / height) - 5);
  const last = Math.ceil((list.scrollTop + list.clientHeight) / height) + 5;
  spacer.style.height = `${rows.length * height}px`;
  rowsBox.style.transform = `translateY(${first * height}px)`;
  rowsBox.replaceChildren(...rows.slice(first, last).map((_, at) => option(first + at)));
  const active = document.getElementById(`row-${chosen}`);
  if (active) list.setAttribute("aria-activedescendant", active.id);
  else list.removeAttribute("aria-activedescendant");
}

function option(at) {
  const { p, value, games } = rows[at], pair = pairs[p], key = outcome(value);
  const figure = !games.length ? "—" : value === null ? say.none
    : signed(value / 1000) + (games.length > 1 ? "" : ` ${say[key]}`);
  const about = [name("candidate", pair.candidate), ...labels(pair)];
  if (state.outcome) about.push(name("criterion", games[0][0]), name("judge", games[0][1]));
  const node = el("div", "row",
    el("span", "row-head", el("bdi", "row-name", pair.head[0]),
      el("span", `figure ${key}`, figure)),
    el("bdi", "row-about", about.join(" · ")),
    el("bdi", "row-text", pair.head[4]));
  node.id = `row-${at}`;
  node.dataset.at = at;
  return set(node, { role: "option", "aria-setsize": rows.length, "aria-posinset": at + 1,
    "aria-selected": at === chosen });
}

function labels({ head: [, , sample, nth] }) {
  const said = sample ? [fill(say.sample, { n: sample + 1 })] : [];
  return nth > 1 ? [...said, fill(say.turn, { n: nth })] : said;
}

function reveal(at) {
  const height = rowHeight(), top = at * height;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + height > list.scrollTop + list.clientHeight)
    list.scrollTop = top + height - list.clientHeight;
  draw();
}

function choose(at, asNew) {
  if (!rows[at]) return;
  chosen = at;
  state.item = pairs[rows[at].p].key;
  write(asNew);
  reveal(at);
  return open(pairs[rows[at].p]);
}

// --- everything anew, after a choice or a change of the address

async function refresh() {
  const mine = ++turn;
  try {
    if (!(await look(mine)) || mine !== turn) return;
  } catch (error) {
    return tell("broken", { why: error.message });
  }
  rows = select();
  chosen = rows.findIndex(({ p }) => pairs[p].key === state.item);
  const apart = new Set(rows.map(({ p }) => p)).size;
  tell(rows.length ? (state.outcome ? "verdicts" : "pairs") : "nothing",
    { n: whole(rows.length), pairs: whole(apart), all: whole(pairs.length) });
  list.scrollTop = 0;
  draw();
  reveal(Math.max(chosen, 0));
  root.dataset.ready = mine;
  const item = state.item && pairs.find(({ key }) => key === state.item);
  if (item) return open(item);
  opening++;
  note(state.item ? fill(say.missing_item, state) : detail.dataset.empty);
}

// --- the open pair

const note = (text) => detail.replaceChildren(el("p", "empty", text));

async function open(pair) {
  const mine = ++opening;
  const at = index.chunks.findLastIndex((start) => start <= pair.item);
  try {
    const item = (await chunk(at))[pair.item - index.chunks[at]];
    if (mine === opening) show(pair, item);
  } catch (error) {
    kept.delete(at);
    if (mine === opening) note(fill(say.broken, { why: error.message }));
  }
}

function show(pair, item) {
  const own = item.texts[pair.place], other = item.texts[item.baseline];
  const differing = shows.diff && other ? compare(own.text[0], other.text[0]) : [];
  const request = el("div", "request", el("p", "role", say.request));
  for (const [role, text] of item.turns) {
    if (item.turns.length > 1) request.append(el("p", "role", role));
    request.append(paint(text));
  }
  const both = el("div", "side-by-side", article(own, say.candidate, differing?.[0]));
  if (other) both.append(article(other, say.baseline, differing?.[1]));
  else if (own.name !== index.baseline) both.append(el("p", "empty", say.no_baseline));
  detail.replaceChildren(
    el("h3", "", el("bdi", "", pair.head[0])),
    el("p", "meta", [name("category", pair.head[1]), ...labels(pair)].join(" · ")),
    item.turns.length ? request : "", tools(pair, item, differing), both, ...tables(own));
  detail.scrollTop = 0;
}

function article(text, role, more) {
  const own = text.name === index.baseline ? say.baseline : role;
  const head = el("header", "", el("h4", "", el("bdi", "", text.name)), el("span", "tag", own));
  for (const flag of text.flags) head.append(el("span", "tag warn", name("flag", flag)));
  const node = el("article", own === say.baseline ? "written baseline" : "written", head);
  if (text.note) node.append(el("p", "empty", text.note));
  if (text.text[0]) node.append(paint(text.text, more));
  if (text.about) node.append(el("p", "meta", text.about));
  if (shows.marks) node.append(...findings(text.text));
  return node;
}

// What the marks say, in words: colours and titles do not reach everyone.
function findings([, spans]) {
  const tally = new Map();
  for (let i = 0; i < spans.length; i += 3)
    if (spans[i + 2]) tally.set(spans[i + 2], (tally.get(spans[i + 2]) ?? 0) + 1);
  const said = [...tally].map(([kind, n]) => `${index.hits[kind - 1][0]} ${n}`).join(" · ");
  return said ? [el("p", "meta", `${say.found}: ${said}`)] : [];
}

function paint([text, spans], more = []) {
  const marks = more.map(([start, end]) => [start, end, "differing"]);
  for (let i = 0; i < spans.length; i += 3) {
    const [start, end, kind] = spans.slice(i, i + 3);
    const [label, correctness] = kind ? index.hits[kind - 1] : ["", 0];
    if (!kind) marks.push([start, end, "hidden-character"]);
    else if (shows.marks) marks.push([start, end, correctness ? "hit correctness" : "hit style", label]);
  }
  const cuts = [...new Set([0, text.length, ...marks.flatMap(([a, b]) => [a, b])])];
  cuts.sort((a, b) => a - b);
  const node = set(el("div", "text"), { lang: "ko" });
  for (let i = 0; i + 1 < cuts.length; i++) {
    const over = marks.filter(([a, b]) => a <= cuts[i] && cuts[i + 1] <= b);
    const piece = text.slice(cuts[i], cuts[i + 1]);
    if (!over.length) { node.append(piece); continue; }
    const mark = el("mark", over.map(([, , own]) => own).join(" "), piece);
    mark.title = over.map(([, , , label]) => label).filter(Boolean).join(" · ");
    node.append(mark);
  }
  return node;
}

function tools(pair, item, differing) {
  const box = el("div", "tools");
  const toggle = (key, label) => {
    const input = set(el("input"), { type: "checkbox", "data-toggle": key });
    input.checked = shows[key];
    input.addEventListener("change", () => {
      shows[key] = input.checked;
      show(pair, item);
      detail.querySelector(`[data-toggle="${key}"]`).focus();
    });
    box.append(el("label", "", input, " ", label));
  };
  toggle("marks", say.show_marks);
  if (item.baseline >= 0 && Intl.Segmenter) toggle("diff", say.show_diff);
  const legend = (kind, label) => box.append(el("span", "legend", el("mark", kind, label)));
  if (shows.marks) { legend("hit correctness", say.correctness); legend("hit style", say.style); }
  if (shows.diff && differing) legend("differing", say.differing);
  if (shows.diff && !differing) box.append(el("span", "empty", say.diff_long));
  return box;
}

function tables(own) {
  const made = [];
  const add = (title, heads, body) => {
    if (!body?.length) return;
    const line = (cells) => el("tr", "", ...cells);
    const table = el("table", "",
      el("thead", "", line(heads.map((head) => set(el("th", "", head), { scope: "col" })))),
      el("tbody", "", ...body.map((cells) => line(cells.map((cell) => el("td", "", el("bdi", "", cell)))))));
    const about = { tabindex: 0, role: "region", "aria-label": title };
    made.push(el("h4", "", title), set(el("div", "scroll", table), about));
  };
  const place = [say.criterion, say.judge];
  const sides = [say.candidate, say.baseline, say.difference];
  add(say.judged_pairs, [...place, say.first, say.second, say.win_score, ""], own.pairs);
  add(say.judged_scores, [...place, ...sides, ""], own.scores);
  add(say.people, [say.criterion, say.rater, ...sides], own.people);
  if (own.why?.length) made.push(el("h4", "", say.rationales));
  for (const [about, text] of own.why ?? [])
    made.push(el("div", "rationale", el("p", "role", el("bdi", "", about)), paint(text)));
  return made;
}

// Words of one text that the other has not, by the longest common run of words; null if too long.
function compare(one, two) {
  const segmenter = new Intl.Segmenter("ko", { granularity: "word" });
  const words = (text) => [...segmenter.segment(text)].filter((word) => word.isWordLike);
  const a = words(one), b = words(two), wide = b.length + 1;
  if (a.length * b.length > DIFF_CELLS) return null;
  const best = new Uint16Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i * wide + j] = a[i].segment === b[j].segment ? best[(i + 1) * wide + j + 1] + 1
        : Math.max(best[(i + 1) * wide + j], best[i * wide + j + 1]);
  const only = [[], []];
  const lone = (side, words, at) => {
    const { index: start, segment } = words[at], last = only[side].at(-1), end = start + segment.length;
    if (last?.[2] === at - 1) last.splice(1, 2, end, at);  // a run of words is one mark
    else only[side].push([start, end, at]);
  };
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i].segment === b[j].segment) { i++; j++; }
    else if (j >= b.length || (i < a.length && best[(i + 1) * wide + j] >= best[i * wide + j + 1])) lone(0, a, i++);
    else lone(1, b, j++);
  }
  return only;
}

// --- hands

function ask(query) {
  state.q = query.trim();
  write(false);
  refresh();
}

function listen() {
  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(ask, 200, search.value);
  });
  for (const select of selects) select.addEventListener("change", () => {
    state[select.dataset.key] = select.value;
    write(true);
    refresh();
  });
  part("reset").addEventListener("click", () => {
    state = {};
    write(true);
    read();
    refresh();
    search.focus();
  });
  part("help-open").addEventListener("click", () => help.showModal());
  part("help-close").addEventListener("click", () => help.close());
  list.addEventListener("scroll", draw, { passive: true });
  list.addEventListener("click", (event) => {
    const node = event.target.closest("[data-at]");
    if (!node) return;
    choose(Number(node.dataset.at), true);
    if (matchMedia("(max-width: 60rem)").matches) detail.scrollIntoView();
  });
  addEventListener("resize", draw);
  addEventListener("hashchange", () => { read(); refresh().then(arrive); });
  document.addEventListener("keydown", key);
}

const STEPS = { KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1, PageDown: 8, PageUp: -8,
  Home: -Infinity, End: Infinity };

// Keys go by their place on the keyboard: with a Hangul IME, j arrives as ㅓ.
function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
  const at = event.target, inList = at === list;
  const act = (does) => { event.preventDefault(); does(); };
  if (at === search) {
    if (event.code === "Escape") act(() => search.value ? ask(search.value = "") : list.focus());
    else if (["Enter", "NumpadEnter", "ArrowDown"].includes(event.code)) act(() => list.focus());
  } else if (at.closest?.("input:not([type=checkbox], [type=radio]), select, textarea")) {
    return;
  } else if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
    act(() => help.showModal());
  } else if (event.key === "/" || event.code === "Slash") {
    act(() => { search.focus(); search.select(); });
  } else if (event.code === "Escape" && detail.contains(at)) {
    act(() => list.focus());
  } else if (inList && ["Enter", "NumpadEnter"].includes(event.code)) {
    act(() => { if (chosen < 0) choose(0, true); detail.focus(); });
  } else if (event.code in STEPS && (inList || /^Key/.test(event.code))) {
    act(() => move(STEPS[event.code]));
  }
}

function move(step) {
  const to = chosen < 0 && Math.abs(step) === 1 ? 0 : chosen + step;
  choose(Math.min(Math.max(to, 0), rows.length - 1), false);
  come();
}

function come() {
  const { top, bottom } = root.getBoundingClientRect();
  if (top > innerHeight / 2 || bottom < innerHeight / 2) root.scrollIntoView();
}

// A link from a chart, or one that someone sent, leads to what it names.
function arrive() {
  if (!location.hash.includes("=")) return;
  come();
  list.focus({ preventScroll: true });
}

async function start() {
  root.hidden = false;
  if (typeof DecompressionStream === "undefined")
    return count.replaceChildren(root.dataset.tooOld);
  index = await unpack(document.querySelector("script[data-index]"));
  say = index.say;
  pairs = index.pairs.map(([item, candidate, place, flags, games]) => {
    const head = index.items[item];
    const key = [head[0], head[3], head[2], index.names.candidate[candidate][0]].join("/");
    return { item, candidate, place, flags, games, head, key };
  });
  for (const select of selects) for (const [value, label] of index.names[select.dataset.key] ?? [])
    select.append(set(el("option", "", label), { value }));
  read();
  listen();
  await refresh();
  arrive();
}

if (root) start().catch((error) => count.replaceChildren(error.message));
