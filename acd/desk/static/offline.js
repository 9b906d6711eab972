// Records of calls while the system is away (D19): kept in this browser, each under a key of its
// own so that two tabs never overwrite each other, until the desk has said that it has them.
"use strict";

const EVERY_MS = 5000;
const ANSWER_MS = 10000;
const LOGIN_MS = 120000; // the browser may ask for name and token first
const KEPT = "huling-offline-", DRAFT = "huling-offline.draft", AGENT = "huling-offline.agent";
const TRIAL = "huling-offline.trial";
const FIELDS = ["agent", "written", "number", "name", "address", "need", "handled"];
const CHOICES = ["emergency", "settled"];
const LABELS = {
  agent: "座席工号", written_at: "来电时间", number: "来电号码", name: "姓名", address: "地址",
  need: "诉求", handled: "已做的事",
};
// The origin, because the page's own address may hold a name and a password.
const desk = (path, answerMs, options) => fetch(location.origin + path, {
  signal: AbortSignal.timeout(answerMs), ...options,
});
const at = (id) => document.getElementById(id);
const put = (id, text) => { at(id).textContent = text; };
const refused = new Map(); // by id: why; not handed in again by itself
let handed = 0, isThere = null, isAtIt = false, needsLogin = false;

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch (error) { // full, or forbidden by the browser's settings
    put("wrong", "浏览器存不下：请把这条写在纸上，并告诉班长。");
    return false;
  }
}

function kept() {
  return Object.keys(localStorage).filter((key) => key.startsWith(KEPT))
    .map((key) => ({ record: key.slice(KEPT.length), ...JSON.parse(localStorage.getItem(key)) }))
    .sort((a, b) => a.written_at.localeCompare(b.written_at));
}

// 128 random bits; crypto.randomUUID is not there on plain http.
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)),
  (byte) => byte.toString(16).padStart(2, "0")).join("");

const chosen = (name) => {
  const one = document.querySelector(`input[name=${name}]:checked`);
  return one === null ? null : one.value;
};

function typed() {
  const said = Object.fromEntries(FIELDS.map((id) => [id, at(id).value.trim()]));
  return { ...said, ...Object.fromEntries(CHOICES.map((name) => [name, chosen(name)])) };
}

function fill(said) {
  FIELDS.forEach((id) => { at(id).value = said[id] || ""; });
  CHOICES.forEach((name) => document.querySelectorAll(`input[name=${name}]`)
    .forEach((one) => { one.checked = one.value === said[name]; }));
}

function wrongWith(said) {
  if (!/^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$/.test(said.agent)) return "请填写您的座席工号。";
  const when = said.written === "" ? new Date() : new Date(said.written);
  if (Number.isNaN(when.getTime())) return "来电时间不对，请改正，或留空。";
  if (when > new Date()) return "来电时间不能晚于现在。";
  if (!/^[0-9+*# ()-]*$/.test(said.number)) return "来电号码只能有数字、空格和 + - * # ( )。";
  if (said.need === "") return "请写明诉求。";
  if (said.emergency === null) return "请选择是否紧急。";
  if (said.settled === null) return "请选择是否办结。";
  return "";
}

function save(event) {
  event.preventDefault();
  const said = typed(), wrong = wrongWith(said);
  put("wrong", wrong);
  if (wrong) return;
  const record = {
    written_at: (said.written === "" ? new Date() : new Date(said.written)).toISOString(),
    agent: said.agent, emergency: said.emergency === "yes", settled: said.settled === "yes",
    number: said.number || null, name: said.name || null, address: said.address || null,
    need: said.need, handled: said.handled || null,
  };
  if (!store(KEPT + newId(), record)) return;
  localStorage.removeItem(DRAFT);
  store(AGENT, said.agent);
  fill({ agent: said.agent });
  show();
  handIn();
}

function local(moment) {
  const when = new Date(moment);
  return new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

// Back into the form: what the desk has refused it has not taken, so it gets a new id.
function change(one) {
  const said = typed();
  if (FIELDS.some((id) => id !== "agent" && said[id] !== "")) {
    put("wrong", "请先保存正在填写的这条。");
    return;
  }
  const draft = {
    ...one, written: local(one.written_at),
    emergency: one.emergency ? "yes" : "no", settled: one.settled ? "yes" : "no",
  };
  if (!store(DRAFT, draft)) return;
  localStorage.removeItem(KEPT + one.record);
  refused.delete(one.record);
  fill(draft);
  put("wrong", "");
  show();
}

function lineOf(one) {
  const line = document.createElement("li"), when = new Date(one.written_at);
  line.append([
    when.toLocaleString("zh-CN"), one.emergency ? "紧急" : "", one.number, one.name, one.need,
  ].filter(Boolean).join("　"));
  if (refused.has(one.record)) {
    const why = document.createElement("div"), button = document.createElement("button");
    why.className = "why";
    button.textContent = "修改";
    button.addEventListener("click", () => change(one));
    why.append(refused.get(one.record), button);
    line.append(why);
  }
  return line;
}

function show() {
  const all = kept();
  put("count", all.length);
  put("handed", handed);
  at("kept").replaceChildren(...all.map(lineOf));
  at("link").className = isThere ? "there" : "away";
  put("link", !isThere ? "后台不通：请照常填写，恢复后自动上交"
    : needsLogin ? "后台在线，但要登录：请按“立即上交”，填用户名和令牌" : "后台在线");
}

// What the desk said, in a sentence on which the agent can act.
function why(status, sentence, one) {
  if (status === 403) return `您的令牌不能交座席 ${one.agent} 的记录：请其本人登录，或请班长代交。`;
  if (status === 404) return `没有座席 ${one.agent}：请修改工号。`;
  const field = LABELS[sentence.split(":")[0]];
  return field ? `“${field}”不对：请修改。` : `后台不收这条（${status}）：请修改后再保存。`;
}

async function handInOne(one) {
  const answer = await desk("/offline/records", LOGIN_MS, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(one),
  });
  if (answer.ok) {
    localStorage.removeItem(KEPT + one.record);
    handed += 1;
  } else if (answer.status === 401) {
    needsLogin = true;
  } else if (answer.status >= 500 || [408, 429].includes(answer.status)) {
    throw new Error(String(answer.status)); // later again
  } else {
    refused.set(one.record, why(answer.status, (await answer.json()).sentence, one));
  }
}

// The browser's own copy, from which it opens this page while there is no desk, becomes today's.
// Chromium drops a copy when it asks anew ("reload") and the desk goes meanwhile, or when it is
// answered 401: so it asks past the cache ("no-store") whether we are let in, and then whether the
// copy is still good.
async function renew() {
  const asked = await desk("/offline", LOGIN_MS, { cache: "no-store" });
  needsLogin = asked.status === 401;
  if (!asked.ok) return;
  for (const path of ["/offline", "/offline/offline.js"]) {
    await desk(path, ANSWER_MS, { cache: "no-cache" });
  }
}

async function handIn() {
  if (isAtIt) return;
  isAtIt = true;
  try {
    const answer = await desk("/health/ready", ANSWER_MS, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    if (!isThere) {
      isThere = true;
      show();
      await renew();
    }
    for (const one of kept()) {
      if (needsLogin) break;
      if (!refused.has(one.record)) await handInOne(one);
    }
  } catch (error) { // of the network, or of a desk that cannot answer now: later again
    isThere = false;
  }
  isAtIt = false;
  show();
}

function again() {
  refused.clear();
  isThere = null; // so that it is asked again whether we are let in
  handIn();
}

at("form").addEventListener("submit", save);
at("form").addEventListener("input", () => store(DRAFT, typed()));
at("now").addEventListener("click", again);
// Nothing is lost with the page, but a reload asks the desk for it, and there is none.
window.addEventListener("beforeunload", (event) => { if (!isThere) event.preventDefault(); });

if (store(TRIAL, true)) {
  const stored = (key) => JSON.parse(localStorage.getItem(key));
  fill(stored(DRAFT) || { agent: stored(AGENT) });
  show();
  handIn();
  setInterval(handIn, EVERY_MS);
}
