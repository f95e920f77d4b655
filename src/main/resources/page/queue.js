// The line of the queue: whether requests are taken from it, how many wait, and what became of the others.
import { html, Pure, Time } from './ui.js';
import { Icon } from './icons.js';
import { count, duration, millis } from './format.js';

const age = (ms) => (ms < 1000 ? millis(ms) : duration(Math.floor(ms / 1000)));

function condition({ connected, paused }) {
  if (!connected) {
    return { word: 'Not usable', shape: 'cross', tone: 'bad' };
  }
  return paused ? { word: 'Paused', shape: 'half', tone: 'warn' } : { word: 'Running', shape: 'disc', tone: 'good' };
}

function Figure({ value, name, title, tone }) {
  return html`<div class="figure" title=${title}><dd class=${tone}>${value}</dd><dt>${name}</dt></div>`;
}

export class Queue extends Pure {
  render({ queue }) {
    const { word, shape, tone } = condition(queue);
    const { paused, trouble, warning, depth, oldestMillis, deadLetters } = queue;
    const classes = Object.entries(queue.deadLetterClasses).map(([name, n]) => `${name} ${count(n)}`).join(', ');
    return html`<section class="card queue" aria-label="Queue">
      <h2>Queue <span class="quiet">${queue.requests}</span></h2>
      <p class="state"><${Icon} shape=${shape} tone=${tone} /><b class=${tone}>${word}</b></p>
      <dl class="figures">
        <${Figure} value=${count(depth)} name="on the queue" title=${depth === undefined ? 'The broker does not tell' : 'Requests at the broker, those in flight included'} />
        <${Figure} value=${depth > 0 ? age(oldestMillis) : '–'} name="oldest" title="Age of the oldest request on the queue" />
        <${Figure} value=${count(queue.inFlight)} name="in flight" title="Requests that this gateway answers now" />
        <${Figure} value=${count(queue.answered)} name="answered" title="Since the start" />
        <${Figure} value=${count(queue.later)} name="put off" title="Since the start: no target could answer, so the request comes again later" />
        <${Figure} value=${count(queue.redelivered)} name="redelivered" title=${`Since the start: delivered once more, after a lost connection or a crash; ${count(queue.replayed)} of all got a stored answer`} />
        <${Figure} value=${count(queue.expired)} name="expired" title="Since the start: their time was over before there was an answer" />
        <${Figure} value=${count(deadLetters)} name="dead letters" tone=${deadLetters > 0 ? 'bad' : ''} title=${classes ? `Since the start: ${classes}` : 'Since the start'} />
      </dl>
      ${warning && html`<p class="why warn">${warning}</p>`}
      ${trouble && html`<p class="why">${trouble}</p>`}
      ${paused && html`<p class="why">Since <${Time} at=${paused.since} />: ${paused.why}</p>`}
    </section>`;
  }
}
