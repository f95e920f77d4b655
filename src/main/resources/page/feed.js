// The stream of events from the gateway: opened while the page is seen, opened again with growing gaps when it breaks.
import { eventReader } from './sse.js';
import { reason } from './api.js';

const SILENT_AFTER = 5000;
const BROKEN_AFTER = 40000;
const FIRST_GAP = 1000;
const LONGEST_GAP = 15000;

/**
 * @param on functions: event(name, document), login() when a key is needed, refused(words) when the gateway takes no more pages,
 *     live(true or false) when that changes
 */
export function feed(on) {
  let connection = null;
  let timer = null;
  let gap = FIRST_GAP;
  let heard = 0;
  let tried = 0;
  let live = false;
  let needsLogin = false;

  function setLive(now) {
    if (now !== live) {
      live = now;
      on.live(now);
    }
  }

  async function connect() {
    clearTimeout(timer);
    connection?.abort();
    const own = new AbortController();
    connection = own;
    tried = performance.now();
    try {
      const response = await fetch('page/events', {
        headers: { accept: 'text/event-stream' },
        cache: 'no-store',
        signal: own.signal,
      });
      if (response.status === 401) {
        needsLogin = true;
        setLive(false);
        on.login();
        return;
      }
      if (!response.ok) {
        on.refused(await reason(response));
      } else {
        await read(response.body.getReader());
      }
    } catch {
      // no connection, or it broke: tried again below
    }
    if (!own.signal.aborted && !document.hidden) {
      timer = setTimeout(connect, gap * (0.75 + Math.random() / 2));
      gap = Math.min(gap * 2, LONGEST_GAP);
    }
  }

  async function read(body) {
    const decoder = new TextDecoder();
    const events = eventReader((name, data) => on.event(name, JSON.parse(data)));
    for (;;) {
      const { done, value } = await body.read();
      if (done) {
        return;
      }
      heard = performance.now();
      tried = heard;
      gap = FIRST_GAP;
      setLive(true);
      events(decoder.decode(value, { stream: true }));
    }
  }

  function restart() {
    needsLogin = false;
    gap = FIRST_GAP;
    connect();
  }

  function stop() {
    clearTimeout(timer);
    connection?.abort();
    setLive(false);
  }

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      stop();
    } else if (!needsLogin) {
      restart();
    }
  });
  addEventListener('pagehide', stop);
  addEventListener('online', () => live || needsLogin || restart());
  setInterval(() => {
    const now = performance.now();
    if (live && now - heard > SILENT_AFTER) {
      setLive(false);
    } else if (!live && now - tried > BROKEN_AFTER && !needsLogin && !document.hidden) {
      restart();
    }
  }, 1000);
  if (!document.hidden) {
    connect();
  }
  return { restart };
}
