// The open alerts, worst first; what follows from another alert is folded under it.
import { html, Pure, Time } from './ui.js';
import { Icon, severity } from './icons.js';
import { clockMinutes, count } from './format.js';

function Alert({ alert, under }) {
  const { word, shape, tone } = severity(alert.severity);
  return html`<li class=${`alert ${tone}`}>
    <details>
      <summary>
        <${Icon} shape=${shape} tone=${tone} />
        <b>${word}</b>
        <span class="text">${alert.text}</span>
        <span class="since">since <${Time} at=${alert.since} /></span>
      </summary>
      <dl class="facts">
        <div><dt>Alert</dt><dd><code>${alert.key}</code> <code>${alert.id}</code></dd></div>
        <div><dt>Open since</dt><dd><${Time} at=${alert.since} days />${alert.times > 1 && `, opened ${alert.times} times`}</dd></div>
        ${under.length > 0 && html`<div><dt>Follows from it</dt><dd><ul>${under.map((a) => html`<li key=${a.id}>${a.text} (${clockMinutes(a.since)})</li>`)}</ul></dd></div>`}
      </dl>
    </details>
  </li>`;
}

export class Alerts extends Pure {
  render({ alerts }) {
    const keys = new Set(alerts.open.map((alert) => alert.key));
    const ids = new Set(alerts.open.map((alert) => alert.id));
    const follows = (alert) => alert.inhibitedBy && (keys.has(alert.inhibitedBy) || ids.has(alert.inhibitedBy));
    const shown = alerts.open.filter((alert) => !follows(alert));
    const under = (alert) => alerts.open.filter((a) => follows(a) && [alert.key, alert.id].includes(a.inhibitedBy));
    const resolved = alerts.resolvedToday > 0 && `${count(alerts.resolvedToday)} resolved today`;
    return html`<section class="alerts" aria-label="Alerts">
      <div aria-live="polite">
        ${shown.length > 0
          ? html`<ul>${shown.map((alert) => html`<${Alert} key=${alert.id} alert=${alert} under=${under(alert)} />`)}</ul>`
          : html`<p class="none"><${Icon} shape="ring" tone="good" /><span>No alert is open${resolved && `; ${resolved}`}.</span></p>`}
      </div>
      ${shown.length > 0 && resolved && html`<p class="none">${resolved}</p>`}
    </section>`;
  }
}
