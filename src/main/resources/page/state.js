// All that the page knows: the last snapshot, ten minutes of points, the latest events; no drawing here.
const POINTS = 121;
const MAX_EVENTS = 500;

export const store = {
  view: 'wait', // wait, login, page
  live: false,
  silentSince: null, // epoch ms
  refusal: null, // why the gateway takes no more pages
  snapshot: null,
  now: 0, // the gateway's time of the last snapshot, epoch ms
  events: [], // newest first
  points: null,
};

let listener = () => {};
let waiting = false;

export function onChange(callback) {
  listener = callback;
}

/** Has the page drawn once, however much changes before the next frame. */
export function changed() {
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      listener();
    });
  }
}

/** Takes in one event of the stream. */
export function receive(name, document) {
  if (name === 'history') {
    store.points = pointsOf(document);
    store.events = (document.events ?? []).slice(0, MAX_EVENTS);
  } else if (name === 'snapshot') {
    takeSnapshot(document);
  } else if (name === 'event') {
    takeEvent(document);
  }
  changed();
}

function takeEvent(event) {
  if (event.kind === 'fallback' && store.points) {
    store.points.counted += 1;
  }
  if (!store.events.some((known) => known.id === event.id)) {
    store.events = [event, ...store.events].slice(0, MAX_EVENTS);
  }
}

function takeSnapshot(snapshot) {
  const before = store.snapshot;
  store.view = 'page';
  store.refusal = null;
  store.now = Date.parse(snapshot.time);
  snapshot.targets = reuse(before?.targets, snapshot.targets);
  snapshot.chains.forEach((chain, i) => {
    const old = before?.chains[i];
    if (same(old?.steps, chain.steps)) {
      chain.steps = old.steps;
    }
  });
  snapshot.classes = same(before?.classes, snapshot.classes) ? before.classes : snapshot.classes;
  snapshot.alerts = same(before?.alerts, snapshot.alerts) ? before.alerts : snapshot.alerts;
  snapshot.queue = same(before?.queue, snapshot.queue) ? before?.queue : snapshot.queue;
  store.snapshot = snapshot;
  addPoint(snapshot);
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The new values, as the old objects where nothing in them is different, so that they need no new drawing. */
function reuse(old, fresh) {
  for (const name of Object.keys(fresh)) {
    if (old && same(old[name], fresh[name])) {
      fresh[name] = old[name];
    }
  }
  return fresh;
}

function pointsOf(history) {
  const length = history.requests.length;
  return {
    step: history.step,
    times: history.requests.map((_, i) => history.from + i * history.step),
    requests: [...history.requests],
    fallbacks: [...history.fallbacks],
    firstToken: Object.fromEntries(
      Object.entries(history.firstToken ?? {}).map(([target, { p50, p95 }]) => [target, { p50: [...p50], p95: [...p95] }]),
    ),
    chains: Object.fromEntries(
      Object.entries(history.chains ?? {}).map(([chain, rates]) => [chain, lastOf(rates, length)]),
    ),
    counted: 0,
    version: 1,
  };
}

/** As many values as there are points, with nulls before the first. */
function lastOf(values, length) {
  return [...Array(Math.max(0, length - values.length)).fill(null), ...values].slice(-length || values.length);
}

/** Writes a snapshot into the point of its time, a new one after each step. */
function addPoint(snapshot) {
  const points = store.points;
  if (!points) {
    return;
  }
  const second = Math.floor(store.now / 1000);
  const last = points.times.length - 1;
  if (last >= 0 && second < points.times[last] + points.step) {
    return;
  }
  points.times.push(last < 0 ? second : points.times[last] + points.step * Math.floor((second - points.times[last]) / points.step));
  points.requests.push(snapshot.totals.requestsPerSecond);
  points.fallbacks.push(snapshot.totals.fallbacksPerSecond ?? points.counted / points.step);
  points.counted = 0;
  const length = points.times.length;
  for (const [name, target] of Object.entries(snapshot.targets)) {
    const lines = (points.firstToken[name] ??= { p50: [], p95: [] });
    append(lines, 'p50', target.firstTokenMs?.p50, length);
    append(lines, 'p95', target.firstTokenMs?.p95, length);
  }
  for (const chain of snapshot.chains) {
    append(points.chains, chain.name, chain.requestsPerSecond, length);
  }
  const surplus = length - POINTS;
  if (surplus > 0) {
    [points.times, points.requests, points.fallbacks].forEach((values) => values.splice(0, surplus));
  }
  points.version += 1;
}

/** Appends in a new array, since drawings compare by identity. */
function append(lines, name, value, length) {
  const padded = lastOf([...(lines[name] ?? []), value ?? null], length);
  lines[name] = padded.slice(-POINTS);
}
