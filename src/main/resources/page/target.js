// The box of one target: its state in word, shape and colour, why, until when, how quick, and its buttons.
import { html, Pure, Spark, Time } from './ui.js';
import { Icon, state, troubled } from './icons.js';
import { clock, count, left, millis, roughly } from './format.js';
import { Actions } from './actions.js';

/** Why it is in its state, or when it answered last; one line in every state, so that boxes keep their height. */
function Reason({ target }) {
  const { failuresInARow: failures, status, lastSuccess, since } = target;
  if (target.class && (troubled(target.state) || failures > 0)) {
    return html`<p class="reason" title=${`since ${clock(since)}`}>
      <b>${target.class}</b>${status >= 300 && ` ${status}`}${failures > 0 && html`<span title=${`${failures} failures in a row`}> ×${count(failures)}</span>`}
    </p>`;
  }
  if (troubled(target.state)) {
    return html`<p class="reason">since <${Time} at=${since} /></p>`;
  }
  return html`<p class="reason quiet">${lastSuccess ? html`last answer <${Time} at=${lastSuccess} />` : 'no answer yet'}</p>`;
}

function Latency({ target, points }) {
  const times = target.firstTokenMs;
  if (!times) {
    return html`<p class="latency quiet">no first-token time yet</p>`;
  }
  return html`<p class="latency" title="Time to the first token: p50 and p95">
    <b>${millis(times.p50)}</b><span class="quiet"> p95 ${millis(times.p95)}</span>
    <${Spark} values=${points?.p50.slice(-60)} label="first-token p50 of the last 5 minutes" />
  </p>`;
}

function Facts({ target, weight }) {
  const { keys, quality, probeMs, nextProbe, evidence, inFlight } = target;
  const probe = nextProbe ? `next probe ${clock(nextProbe)}` : 'last probe';
  const facts = [
    weight !== null && weight !== undefined && html`<span key="weight" title="Weight in this group">weight ${weight}</span>`,
    keys && html`<span key="keys" class=${keys.ready < keys.all ? 'warn' : ''} title="Keys that may be used now, of all">keys ${keys.ready}/${keys.all}</span>`,
    inFlight > 0 && html`<span key="flight" title="Calls in flight">${count(inFlight)} in flight</span>`,
    quality < 1 && html`<span key="quality" title="Quality beside the best target">quality ${quality}</span>`,
    probeMs !== null && probeMs !== undefined && html`<span key="probe" title=${probe}>probe ${millis(probeMs)}</span>`,
    evidence === 'PROBE' && html`<span key="evidence" title="The state is known from a probe, not from traffic">by probe</span>`,
  ].filter(Boolean);
  return html`<p class="facts quiet">${facts.length > 0 ? facts : ' '}</p>`;
}

/** Properties: target, number, share, answers (it answered last), now (where a countdown runs), points, rights. */
export class TargetBox extends Pure {
  render({ target, share, weight, answers, now, points, rights }) {
    const { word, shape, tone } = state(target.state);
    const { name, provider, model, until, drill, demoFault } = target;
    const alias = name !== `${provider}/${model}`;
    return html`<article class=${`target ${tone} ${answers ? 'answers' : ''}`} data-target=${name} data-state=${target.state}>
      <h4 title=${alias ? `${name}: ${provider}/${model}` : name}>
        ${alias ? name : html`<span class="provider">${provider}/</span>${model}`}
        ${alias && html`<span class="quiet"> ${provider}/${model}</span>`}
      </h4>
      <p class="state">
        <${Icon} shape=${shape} tone=${tone} /><b class=${tone}>${word}</b>
        ${until && now > 0 && Date.parse(until) > now && html`<span class="count" title=${`until ${clock(until)}`}>${left(until, now)} left</span>`}
        ${target.by && html`<span class="quiet" title="Another node on the same broker has found this">found by ${target.by}</span>`}
        ${share !== null && share !== undefined && html`<span class="share" title="Share of this chain's answers of the last 10 minutes">${roughly(share)}</span>`}
      </p>
      <${Reason} target=${target} />
      <${Latency} target=${target} points=${points} />
      <${Facts} target=${target} weight=${weight} />
      ${(drill || demoFault) &&
      html`<p class="faults">
        ${drill && html`<span class="tag warn" title=${`until ${clock(drill.until)}`}>drill ${drill.fault}, ${left(drill.until, now)} left</span>`}
        ${demoFault && html`<span class="tag bad" title="Fault of the simulated provider">broken: ${demoFault}</span>`}
      </p>`}
      <${Actions} target=${target} rights=${rights} />
    </article>`;
  }
}
