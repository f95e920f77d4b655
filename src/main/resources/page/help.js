// The help: keys and what the shapes mean.
import { html } from './ui.js';
import { Dialog } from './dialog.js';
import { Icon, state } from './icons.js';

const KEYS = [
  ['/', 'to the filter'],
  ['j k', 'next and previous row'],
  ['Enter', 'the trail of the row'],
  ['Esc', 'close, or leave the filter'],
  ['?', 'this help'],
];

const MEANINGS = {
  ANSWERING: 'answered within the last 10 seconds',
  UP: 'well, as traffic or a probe has shown',
  IDLE: 'well, and without traffic',
  DEGRADED: 'answers, but slower or with failures',
  COOLING: 'left alone until the time its provider named',
  OPEN: 'failed too often, or opened by an operator; not called',
  HALF_OPEN: 'one trial call decides whether it is called again',
  DOWN: 'probes and traffic fail; skipped while another target is up',
  UNKNOWN: 'not called yet',
};

export function Help({ onClose }) {
  return html`<${Dialog} title="Help" onClose=${onClose}>
    <div class="help">
      <section>
        <h3>States of a target</h3>
        <dl>
          ${Object.entries(MEANINGS).map(([name, meaning]) => {
            const { word, shape, tone } = state(name);
            return html`<div key=${name}><dt class=${tone}><${Icon} shape=${shape} tone=${tone} />${word}</dt><dd>${meaning}</dd></div>`;
          })}
        </dl>
      </section>
      <section>
        <h3>Keys</h3>
        <dl>${KEYS.map(([key, meaning]) => html`<div key=${key}><dt>${key.split(' ').map((k) => html`<kbd key=${k}>${k}</kbd>`)}</dt><dd>${meaning}</dd></div>`)}</dl>
        <h3>Figures</h3>
        <p>The share in a box is its part of the chain's answers of the last 10 minutes. p50 and p95 are times to the first token: half, and 95 %, of the answers began within them. Point at a time to see its date.</p>
      </section>
    </div>
    <p class="buttons"><button type="button" onClick=${onClose} autofocus>Close</button></p>
  <//>`;
}
