// The page: puts its parts together and draws them when something has changed.
import { html, render, useEffect, useState } from './ui.js';
import { changed, onChange, receive, store } from './state.js';
import { feed } from './feed.js';
import { readFilter, writeFilter } from './address.js';
import { listenToKeys } from './keys.js';
import { Header } from './header.js';
import { Alerts } from './alerts.js';
import { Chains } from './chains.js';
import { Charts } from './charts.js';
import { Queue } from './queue.js';
import { List } from './list.js';
import { Login } from './login.js';
import { Help } from './help.js';
import { Dialogs } from './dialog.js';
import * as api from './api.js';

const stream = feed({
  event: receive,
  login() {
    store.view = 'login';
    store.snapshot = null;
    changed();
  },
  refused(words) {
    store.refusal = words;
    changed();
  },
  live(now) {
    store.live = now;
    store.silentSince = now ? null : Date.now();
    changed();
  },
});

async function logout() {
  await api.logout();
  stream.restart();
}

let filter = readFilter();
function setFilter(change) {
  filter = { ...filter, ...change };
  writeFilter(filter);
  changed();
}

function Page() {
  const [help, setHelp] = useState(false);
  useEffect(() => listenToKeys(() => setHelp((shown) => !shown)), []);
  const { snapshot, view, live, silentSince, refusal } = store;
  if (view === 'login') {
    return html`<${Login} onDone=${() => stream.restart()} />`;
  }
  if (!snapshot) {
    return html`<main class="wait">
      <p>${refusal ?? (silentSince ? 'The gateway cannot be reached. Trying again…' : 'Waiting for the gateway…')}</p>
    </main>`;
  }
  return html`<div class=${live ? 'all' : 'all stale'}>
    <${Header} snapshot=${snapshot} live=${live} silentSince=${silentSince} onHelp=${() => setHelp(true)} onLogout=${logout} />
    <main>
      ${refusal && html`<p class="notice">${refusal}</p>`}
      <${Alerts} alerts=${snapshot.alerts} />
      <${Chains} snapshot=${snapshot} now=${store.now} points=${store.points} filter=${filter} onFilter=${setFilter} />
      ${snapshot.queue && html`<${Queue} queue=${snapshot.queue} />`}
      <${Charts} points=${store.points} version=${store.points?.version} classes=${snapshot.classes} targets=${snapshot.targets} onFilter=${setFilter} />
      <${List} events=${store.events} chains=${snapshot.chains} filter=${filter} onFilter=${setFilter} />
    </main>
    <${Dialogs} />
    ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
  </div>`;
}

const root = document.getElementById('page');
const draw = () => render(html`<${Page} />`, root);
root.textContent = '';
onChange(draw);
draw();
