// The wallboard: asks every two seconds and shows what it is told; what is not known is a dash.
"use strict";

const EVERY_MS = 2000;
const STALE_MS = 7000;
const LEVEL_GOOD = 0.95, LEVEL_POOR = 0.9;
// A television is not scrolled: with more queues the chart makes room, and then the quiet ones.
const QUEUES_WITH_CHART = 3, QUEUES_ON_TV = 7;
const CASE_LONG_MS = 2 * 3600 * 1000;
const onPhone = () => window.innerWidth <= 760;
const STATES = {
  ready: "就绪", offered: "振铃", talking: "通话", wrap_up: "整理", reserved: "预留",
  paused: "示忙", not_responding: "无应答",
};
let lastGood = 0;

const at = (id) => document.getElementById(id);
const put = (id, text) => { at(id).textContent = text; };
const number = (value) => (value === null || value === undefined ? "—" : String(value));
const share = (part, whole) => (whole ? (100 * part / whole).toFixed(1) + "%" : "—");

function wait(ms) {
  if (ms === null || ms === undefined) return "—";
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return seconds + " 秒";
  return Math.floor(seconds / 60) + " 分 " + String(seconds % 60).padStart(2, "0") + " 秒";
}

function age(ms) {
  const minutes = Math.floor(ms / 60000);
  return minutes < 60 ? minutes + " 分" : Math.floor(minutes / 60) + " 时 " + minutes % 60 + " 分";
}

function mark(id, mood) {
  const card = at(id);
  card.classList.remove("good", "warn", "bad", "alarm");
  if (mood) card.classList.add(...mood.split(" "));
}

function moodOfWait(ms, promiseMs) {
  if (ms === null || ms === undefined) return "good";
  if (ms >= promiseMs) return "bad alarm";
  return ms >= promiseMs / 2 ? "warn" : "good";
}

function moodOfLevel(part, whole) {
  if (!whole) return "";
  const level = part / whole;
  return level >= LEVEL_GOOD ? "good" : level >= LEVEL_POOR ? "warn" : "bad";
}

function row(cells, mood) {
  const line = document.createElement("tr");
  line.className = mood || "";
  cells.forEach((cell, n) => {
    const td = document.createElement("td");
    td.textContent = cell;
    // On a telephone there is no room for today's calls of each queue.
    if (n === 4) td.className = "wide";
    line.append(td);
  });
  return line;
}

function showNow(wall) {
  put("waiting", number(wall.waiting));
  put("longest", wall.waiting === null ? "—" : wall.waiting ? wait(wall.longest_wait_ms) : "无");
  put("ready", wall.agents === null ? "—" : number(wall.agents.ready || 0));
  put("working", number(wall.working));
  const known = wall.waiting !== null;
  const mood = known ? moodOfWait(wall.waiting ? wall.longest_wait_ms : null, wall.promise_ms) : "";
  mark("c-waiting", mood);
  mark("c-longest", mood);
  // The A/B mechanism needs two (C17).
  mark("c-working", wall.working === null ? "" : wall.working < 2 ? "bad" : "good");
  mark("c-ready", wall.agents === null ? "" : wall.agents.ready ? "good" : "warn");
}

function showToday(today) {
  for (const seconds of [10, 15, 20]) {
    const part = today === null ? null : today["within_" + seconds + "_s"];
    const whole = today === null ? 0 : today["judged_" + seconds + "_s"];
    put("level" + seconds, today === null ? "—" : share(part, whole));
    put("n" + seconds, whole ? part + " / " + whole : "");
    mark("c-level" + seconds, moodOfLevel(part, whole));
  }
  for (const name of ["offered", "answered", "abandoned"]) {
    put(name, today === null ? "—" : number(today[name]));
  }
  mark("c-abandoned", today !== null && today.abandoned ? "warn" : "");
}

function when(moment) {
  return new Intl.DateTimeFormat("zh-CN", {
    month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai",
  }).format(new Date(moment));
}

function showOpen(open) {
  put("cases", open === null ? "—" : number(open.cases));
  mark("c-cases", open === null ? "" : !open.cases ? "good"
    : open.oldest_case_ms >= CASE_LONG_MS ? "bad" : "warn");
  put("oldest", open === null || !open.cases ? "" : "最久 " + age(open.oldest_case_ms));
  put("owed", open === null ? "—" : number(open.owed));
  const ahead = open === null || !open.appointments ? ""
    : "，预约 " + open.appointments + "，最近 " + when(open.next_appointment);
  put("late", open === null || !open.owed ? "" : "逾期 " + open.late + ahead);
  // What was promised for a time of day is nobody's to do before.
  const waits = open !== null && open.owed > open.appointments;
  mark("c-owed", open === null ? "" : open.late ? "bad alarm" : waits ? "warn" : "good");
}

function showQueues(queues) {
  const shown = onPhone() || queues.length <= QUEUES_ON_TV ? queues
    : [...queues].sort((a, b) => (b.waiting > 0) - (a.waiting > 0)).slice(0, QUEUES_ON_TV - 1);
  const rest = queues.filter((queue) => !shown.includes(queue));
  const sum = (name) => rest.reduce((all, queue) => all + queue[name], 0);
  const lines = shown.map((queue) => row([
    queue.name, queue.waiting, queue.waiting ? wait(queue.longest_wait_ms) : "—", queue.free,
    number(queue.offered), share(queue.within_10_s, queue.judged_10_s),
  ], queue.waiting ? moodOfWait(queue.longest_wait_ms, queue.promise_ms).split(" ")[0] : ""));
  if (rest.length) {
    lines.push(row(["另有 " + rest.length + " 个队列", sum("waiting"), "—", "—",
                    rest.some((queue) => queue.offered === null) ? "—" : sum("offered"),
                    share(sum("within_10_s"), sum("judged_10_s"))]));
  }
  document.querySelector(".chart").hidden = !onPhone() && lines.length > QUEUES_WITH_CHART;
  at("queues").replaceChildren(...lines);
}

function showStates(agents) {
  const shown = Object.entries(STATES).map(([state, name]) => {
    const box = document.createElement("div");
    const count = document.createElement("b");
    count.textContent = agents === null ? "—" : number(agents[state] || 0);
    if (state === "not_responding" && agents !== null && agents[state]) box.className = "bad";
    box.append(name, count);
    return box;
  });
  at("states").replaceChildren(...shown);
}

function showHours(hours) {
  const svg = at("hours"), top = Math.max(1, ...hours.map((hour) => hour.offered));
  const make = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const found = new Map(hours.map((hour) => [Number(hour.what), hour]));
  // A telephone shows the picture at a third of its size: fewer and larger letters.
  const labelled = (hour) => (onPhone() ? hour % 6 === 3 : hour % 3 === 0);
  const parts = [];
  const write = (x, y, text, fill, size) => parts.push(make("text", {
    x, y, fill, "font-size": size, "text-anchor": "middle" }, text));
  for (let hour = 0; hour < 24; hour += 1) {
    const one = found.get(hour);
    if (one) {
      // Whoever waits and is still in time is neither.
      for (const [count, fill] of [[one.offered, "#4a5b70"], [one.judged_10_s, "#c9824a"],
                                   [one.within_10_s, "#8fd3ff"]]) {
        const height = 128 * count / top;
        parts.push(make("rect", { x: hour * 30 + 3, y: 156 - height, width: 24, height, fill }));
      }
      if (!onPhone()) {
        write(hour * 30 + 15, 150 - 128 * one.offered / top, one.offered, "#f2f5f9", 15);
      }
    }
    if (labelled(hour)) {
      write(hour * 30 + 15, 184, hour + " 时", "#a9b8c9", onPhone() ? 28 : 20);
    }
  }
  svg.replaceChildren(...parts);
}

function trouble(sentences) { put("trouble", sentences.join("；")); }

async function look() {
  try {
    // The origin, because the page's own address may hold a name and a password.
    const answer = await fetch(location.origin + "/wall/now", { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const wall = await answer.json();
    lastGood = Date.now();
    showNow(wall);
    showToday(wall.today);
    showOpen(wall.open);
    showQueues(wall.queues);
    showStates(wall.agents);
    showHours(wall.hours);
    trouble(wall.trouble);
    document.body.dataset.shown = wall.at;
  } catch (error) {
    if (Date.now() - lastGood > STALE_MS) {
      showNow({ waiting: null, longest_wait_ms: null, agents: null, working: null });
      showStates(null);
      showOpen(null);
      showToday(null);
      showQueues([]);
      showHours([]);
      trouble(["看板与后台的连接已中断，数据未更新"]);
    }
  }
}

function tick() {
  put("clock", new Intl.DateTimeFormat("zh-CN", {
    dateStyle: "long", timeStyle: "medium", timeZone: "Asia/Shanghai",
  }).format(new Date()));
}

tick();
look();
setInterval(tick, 1000);
setInterval(look, EVERY_MS);
