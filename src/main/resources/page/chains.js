// The chains, each drawn as its targets in the order in which they are tried.
import { html, Pure, Spark, useState } from './ui.js';
import { Icon, state, troubled } from './icons.js';
import { millis, rate, roughly } from './format.js';
import { TargetBox } from './target.js';

/** With at most so many chains, all are drawn in full. */
const FEW = 4;

const GROUPS = {
  race: ['race', 'all at once; the first good answer wins'],
  hedge: ['hedge', 'the next one starts when the one before is slow'],
  balance: ['balance', 'one by weight, then the others'],
};
const ORDERS = { fastest: 'fastest first', cheapest: 'cheapest first', 'least-busy': 'least busy first' };

const names = (chain) => chain.steps.flatMap((step) => (step.members ?? [step]).map((one) => one.target).filter(Boolean));

const inTrouble = (chain, targets) => names(chain).some((name) => troubled(targets[name]?.state));

function Arrow({ last }) {
  return html`<svg class=${`arrow ${last ? 'last' : ''}`} viewBox="0 0 28 16" aria-hidden="true"><path d="M1 8h23M19 3l5.5 5-5.5 5" /></svg>`;
}

function Box({ one, chain, shared }) {
  const target = shared.targets[one.target];
  if (!target) {
    return html`<article class="target"><h4>${one.target}</h4></article>`;
  }
  const counts = target.until || target.drill;
  return html`<${TargetBox}
    target=${target}
    share=${one.share}
    weight=${one.weight}
    answers=${chain.answers === one.target}
    now=${counts ? shared.now : 0}
    points=${shared.points?.firstToken[one.target]?.p50.length > 1 ? shared.points.firstToken[one.target] : null}
    version=${shared.points?.version}
    rights=${shared.rights}
  />`;
}

function Step({ step, chain, shared }) {
  if (step.kind === 'target') {
    return html`<${Box} one=${step} chain=${chain} shared=${shared} />`;
  }
  if (step.members) {
    const [word, meaning] = GROUPS[step.kind] ?? [step.kind, ''];
    return html`<div class="group">
      ${meaning && html`<p class="quiet"><b>${word}</b> ${meaning}</p>`}
      <ul>${step.members.map((one) => html`<li key=${one.target}><${Box} one=${one} chain=${chain} shared=${shared} /></li>`)}</ul>
    </div>`;
  }
  const stale = step.kind === 'stale';
  const name = stale ? 'stale' : `static:${step.name}`;
  return html`<div class=${chain.answers === name ? 'resort answers' : 'resort'}>
    <h4>${name}${step.share > 0 && html` <span class="share" title="Share of this chain's answers of the last 10 minutes">${roughly(step.share)}</span>`}</h4>
    <p class="quiet">${stale ? 'an earlier answer to the same request' : 'a fixed text'}</p>
  </div>`;
}

/** One line for a chain that is folded: the state of each target by its shape. */
function Chips({ chain, targets }) {
  return html`<span class="chips">
    ${chain.steps.map((step, i) =>
      (step.members ?? [step]).map((one, j) => {
        const between = html`<span class="between" aria-hidden="true">${j > 0 ? '+' : i > 0 ? '→' : ''}</span>`;
        if (!one.target) {
          return html`<span class="chip" key=${`${i}-${j}`}>${between}${step.kind === 'stale' ? 'stale' : `static:${step.name}`}</span>`;
        }
        const { word, shape, tone } = state(targets[one.target]?.state);
        return html`<span class="chip" key=${`${i}-${j}`} title=${`${one.target}: ${word}`}>
          ${between}<${Icon} shape=${shape} tone=${tone} />${one.target}<span class="unseen"> ${word}</span>
        </span>`;
      }),
    )}
  </span>`;
}

/** Who answers at the moment, or who did last. */
function Answers({ chain, targets }) {
  if (!chain.answers) {
    return null;
  }
  const now = (targets[chain.answers]?.state ?? 'ANSWERING') === 'ANSWERING'; // a last resort has no state
  return html`<span class="answerer">
    <${Icon} shape=${now ? 'disc' : 'ring'} tone=${now ? 'good' : 'calm'} />${now ? html`<b>${chain.answers}</b> answers` : html`<b>${chain.answers}</b> answered last`}
  </span>`;
}

function Chain({ chain, shared, few }) {
  const trouble = inTrouble(chain, shared.targets);
  // Decided once: a chain that unfolds by itself would push what is being read away.
  const [unfolded, setUnfolded] = useState(few || trouble);
  const times = chain.firstTokenMs;
  const id = `chain-${chain.name}`;
  return html`<section class=${trouble ? 'chain trouble' : 'chain'} aria-label=${`Chain ${chain.name}`}>
    <h3>
      <button type="button" class="fold" aria-expanded=${String(unfolded)} aria-controls=${id} onClick=${() => setUnfolded(!unfolded)}>
        <span aria-hidden="true">${unfolded ? '▾' : '▸'}</span> ${chain.name}
      </button>
      ${ORDERS[chain.order] && html`<span class="tag" title="How its targets are sorted">${ORDERS[chain.order]}</span>`}
      ${unfolded && html`<${Answers} chain=${chain} targets=${shared.targets} />`}
      ${!unfolded && html`<${Chips} chain=${chain} targets=${shared.targets} />`}
      <span class="measures">
        <span><b>${rate(chain.requestsPerSecond)}</b> req/s</span>
        <span class="times" title="Time to the first token: p50 and p95">${times ? html`<b>${millis(times.p50)}</b> p95 ${millis(times.p95)}` : '–'}</span>
        <${Spark} values=${shared.points?.chains[chain.name]} label="requests per second" />
      </span>
    </h3>
    <div id=${id}>
      ${unfolded &&
      html`<ol class="steps" aria-label=${`Targets of ${chain.name}, in order`}>
        ${chain.steps.map((step, i) => html`<li key=${`${step.kind} ${step.target ?? step.name ?? i}`}>
          ${i > 0 && html`<${Arrow} last=${!step.target && !step.members} />`}
          <${Step} step=${step} chain=${chain} shared=${shared} />
        </li>`)}
      </ol>`}
    </div>
  </section>`;
}

export function Chains({ snapshot, now, points, filter, onFilter }) {
  const { chains, targets } = snapshot;
  const rights = rightsOf(snapshot);
  const shared = { targets, now, points, rights };
  const few = chains.length <= FEW;
  const troubles = chains.filter((chain) => inTrouble(chain, targets));
  const shown = filter.show === 'trouble' ? troubles : chains;
  const used = new Set(chains.flatMap(names));
  const others = Object.keys(targets).filter((name) => !used.has(name));
  return html`<section class="chains" aria-label="Chains">
    ${!few &&
    html`<div class="bar">
      <h2>${chains.length} chains</h2>
      <label><input type="checkbox" checked=${filter.show === 'trouble'} onChange=${(e) => onFilter({ show: e.target.checked ? 'trouble' : '' })} /> only those in trouble (${troubles.length})</label>
    </div>`}
    ${shown.map((chain) => html`<${Chain} key=${chain.name} chain=${chain} shared=${shared} few=${few} />`)}
    ${shown.length === 0 && html`<p class="none">${chains.length === 0 ? 'No chain is configured.' : 'No chain is in trouble.'}</p>`}
    ${others.length > 0 && filter.show !== 'trouble' &&
    html`<${Chain} key=" others" few=${false} shared=${shared}
      chain=${{ name: 'targets in no chain', order: 'written', requestsPerSecond: null, firstTokenMs: null, answers: null, steps: [{ kind: 'any', members: others.map((target) => ({ target })) }] }} />`}
  </section>`;
}

let known = null;

/** The rights as the same object while they are the same. */
function rightsOf({ mayOperate, mayDrill, demo }) {
  if (!known || known.mayOperate !== mayOperate || known.mayDrill !== mayDrill || known.demo !== demo) {
    known = { mayOperate, mayDrill, demo };
  }
  return known;
}
