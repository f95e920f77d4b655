// The live list of fallbacks, rescues and other events; it stands still while somebody reads it.
import { html, Component, Pure, Time } from './ui.js';
import { Icon, KIND_NAMES, kind } from './icons.js';
import { millis } from './format.js';
import { matches } from './address.js';
import { Copy } from './copy.js';

const PAGE = 30;

function Call({ call }) {
  if (call.skipped) {
    return html`<span class="call quiet" title="Passed over without a call">${call.target} skipped, ${call.class}</span>`;
  }
  const ok = call.class === 'OK';
  return html`<span class="call">
    ${call.target} <${Icon} shape=${ok ? 'disc' : 'cross'} tone=${ok ? 'good' : 'bad'} /><span class=${ok ? 'unseen' : 'class'}>${ok ? 'answered' : call.class}</span>${call.millis !== null && call.millis !== undefined && html` <span class="quiet">${millis(call.millis)}</span>`}
  </span>`;
}

/** The calls, and before them the target that was passed over where that is why there was a fallback. */
function withSkipped(event) {
  const trail = event.trail ?? [];
  const skipped = trail.length > 0 && event.from && event.class && !trail.some((call) => call.target === event.from);
  return skipped ? [{ target: event.from, class: event.class, skipped }, ...trail] : trail;
}

/** What happened in one line: the calls where there were any, else the words. */
function Story({ event }) {
  const trail = withSkipped(event);
  const steps =
    trail.length > 0
      ? trail.map((call, i) => html`<span key=${i}>${i > 0 && html`<span class="between" aria-hidden="true">→</span>`}<${Call} call=${call} /></span>`)
      : (event.from || event.to) &&
        html`<span>${event.from}${event.class && html` <span class="class">${event.class}</span>`}${event.to && ` → ${event.to}`}</span>`;
  return html`<span class="story">${steps}${event.text && html`<span class="words">${event.text}</span>`}${event.leftOut > 0 && html`<span class="words" title="Requests like it that have no row of their own">and ${event.leftOut} like it</span>`}</span>`;
}

function Trail({ event }) {
  return html`<div class="trail">
    <p>
      <${Time} at=${event.time} days />
      ${event.request && html` · request <code>${event.request}</code>`}${event.millis !== null && event.millis !== undefined && ` · ${millis(event.millis)} until ${event.kind === 'failed' ? 'it failed' : 'the first words'}`}
    </p>
    ${withSkipped(event).length > 0
      ? html`<table>
          <thead><tr><th scope="col">Target</th><th scope="col">Class</th><th scope="col">Status</th><th scope="col">Took</th></tr></thead>
          <tbody>${withSkipped(event).map((call, i) => html`<tr key=${i}><td>${call.target}</td><td>${call.class}${call.skipped && ' (skipped)'}</td><td>${call.status || '–'}</td><td>${millis(call.millis)}</td></tr>`)}</tbody>
        </table>`
      : html`<p class="quiet">No call to a provider belongs to it.</p>`}
  </div>`;
}

class Row extends Pure {
  render({ event, open, onToggle }) {
    const { word, shape, tone } = kind(event.kind);
    return html`<li class="row" data-kind=${event.kind}>
      <div class="line">
        <button type="button" class="toggle" aria-expanded=${String(open)} onClick=${() => onToggle(event.id)}>
          <span class="fold" aria-hidden="true">${open ? '▾' : '▸'}</span>
          <${Time} at=${event.time} />
          <span class="kind"><${Icon} shape=${shape} tone=${tone} />${word}</span>
          <span class="chain">${event.chain ?? ''}</span>
          <${Story} event=${event} />
        </button>
        ${event.request && html`<${Copy} text=${event.request} />`}
      </div>
      ${open && html`<${Trail} event=${event} />`}
    </li>`;
  }
}

function Choice({ label, value, values, onInput }) {
  const all = value && !values.includes(value) ? [value, ...values] : values;
  return html`<label><span class="unseen">${label}</span>
    <select value=${value} onChange=${(e) => onInput(e.target.value)}>
      <option value="">${label}: all</option>
      ${all.map((one) => html`<option key=${one} value=${one} selected=${one === value}>${one}</option>`)}
    </select>
  </label>`;
}

export class List extends Component {
  constructor() {
    super();
    this.state = { open: new Set(), most: PAGE };
    this.held = null; // the events as they were when reading began
    this.toggle = (id) => {
      const open = new Set(this.state.open);
      if (!open.delete(id)) {
        open.add(id);
      }
      this.setState({ open });
    };
    this.hold = () => {
      this.held ??= this.props.events;
    };
    this.release = () => {
      this.held = null;
      this.forceUpdate();
    };
    this.leave = (event) => {
      if (!event.currentTarget.contains(event.relatedTarget) && this.state.open.size === 0) {
        this.release();
      }
    };
  }

  render({ events, chains, filter, onFilter }, { open, most }) {
    const passing = (list) => list.filter((event) => matches(event, filter));
    const shown = passing(this.held ?? events);
    const newer = this.held ? passing(events).filter((event) => !this.held.includes(event)).length : 0;
    const classes = [...new Set(events.flatMap((e) => [e.class, ...(e.trail ?? []).map((c) => c.class)]))]
      .filter((name) => name && name !== 'OK')
      .sort();
    const filtered = ['chain', 'class', 'kind', 'text'].some((name) => filter[name]);
    return html`<section class="card list" aria-label="Fallbacks and rescues">
      <div class="bar">
        <h2>Fallbacks and rescues</h2>
        <${Choice} label="chain" value=${filter.chain} values=${chains.map((chain) => chain.name)} onInput=${(chain) => onFilter({ chain })} />
        <${Choice} label="class" value=${filter.class} values=${classes} onInput=${(name) => onFilter({ class: name })} />
        <${Choice} label="kind" value=${filter.kind} values=${KIND_NAMES} onInput=${(name) => onFilter({ kind: name })} />
        <input id="filter-text" type="search" placeholder="Filter ( / )" aria-label="Filter by text" value=${filter.text} onInput=${(e) => onFilter({ text: e.target.value })} />
        ${filtered && html`<button type="button" onClick=${() => onFilter({ chain: '', class: '', kind: '', text: '' })}>Show all</button>`}
        <button type="button" class=${newer > 0 ? 'newer strong' : 'newer hidden'} tabindex=${newer > 0 ? 0 : -1} onClick=${this.release}>${newer} newer</button>
      </div>
      <ol onPointerEnter=${this.hold} onPointerLeave=${this.leave} onfocusin=${this.hold} onfocusout=${this.leave}>
        ${shown.slice(0, most).map((event) => html`<${Row} key=${event.id} event=${event} open=${open.has(event.id)} onToggle=${this.toggle} />`)}
      </ol>
      ${shown.length === 0 && html`<p class="none">${filtered ? 'No event passes the filter.' : 'No fallback, rescue or failure yet.'}</p>`}
      ${shown.length > most && html`<button type="button" class="more" onClick=${() => this.setState({ most: most + PAGE })}>${shown.length - most} older</button>`}
    </section>`;
  }
}
