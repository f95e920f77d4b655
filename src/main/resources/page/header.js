// The head of the page: which gateway this is, whether what is shown is live, and the figures of the moment.
import { html, Time } from './ui.js';
import { clock, count, dollars, duration, percent, rate } from './format.js';
import { ThemeButton } from './themes.js';

function Figure({ value, name, title }) {
  return html`<div class="figure" title=${title}><dd>${value}</dd><dt>${name}</dt></div>`;
}

function Live({ live, silentSince, time }) {
  if (live) {
    return html`<span class="live" title=${`Updated every second; the gateway's clock: ${clock(time)}`}><i></i>live</span>`;
  }
  const since = silentSince ? new Date(silentSince).toISOString() : null;
  return html`<span class="live not"><i></i><span>not live${since && html` since <${Time} at=${since} />`}</span></span>`;
}

export function Header({ snapshot, live, silentSince, onHelp, onLogout }) {
  const { totals, node, cluster, version, uptimeSeconds, demo, caller, keys } = snapshot;
  const named = cluster && cluster !== 'default' ? `${node} · ${cluster}` : node;
  const probes = totals.probeDollarsToday;
  return html`<header>
    <div class="who">
      <h1><img src="favicon.svg" alt="" width="20" height="20" />Bactrian</h1>
      <span class="node" title=${`version ${version}, up ${duration(uptimeSeconds)}`}>${named}</span>
      ${demo && html`<span class="tag" title="The providers are simulated; no key is set">demo</span>`}
      <${Live} live=${live} silentSince=${silentSince} time=${snapshot.time} />
    </div>
    <dl class="figures">
      <${Figure} value=${rate(totals.requestsPerSecond)} name="requests/s" title="Mean of the last 5 seconds" />
      <${Figure} value=${percent(totals.answeredShare)} name="answered" title="Of the requests of the last 10 minutes" />
      <${Figure} value=${percent(totals.fallbackShare)} name="fell back" title="Of the requests of the last 10 minutes" />
      <${Figure} value=${count(totals.inFlight)} name="in flight" title="Requests being answered now" />
      ${totals.waiting > 0 && html`<${Figure} value=${count(totals.waiting)} name="waiting" title="Requests that wait for a target" />`}
      <${Figure}
        value=${dollars(totals.dollarsToday)}
        name="today"
        title=${totals.dollarsToday === null ? 'No target has a price' : `Cost of all calls since midnight UTC${probes === null || probes === undefined ? '' : `, of which probes ${dollars(probes)}`}`}
      />
    </dl>
    <div class="tools">
      <button type="button" class="plain" onClick=${onHelp} aria-label="Help and keys" title="Help and keys (?)">?</button>
      <${ThemeButton} />
      ${caller && html`<span class="caller" title="The name of your key">key: ${caller}</span>`}
      ${keys && html`<button type="button" class="plain" onClick=${onLogout}>Log out</button>`}
    </div>
  </header>`;
}
