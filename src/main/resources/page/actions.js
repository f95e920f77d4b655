// The buttons of a target: open and close its breaker, drill it, break and mend its simulated provider.
import { html, useEffect, useRef, useState } from './ui.js';
import { confirm } from './dialog.js';
import * as api from './api.js';

const DRILL_FAULTS = [
  ['429', '429, too many requests'],
  ['500', '500, error of the provider'],
  ['503', '503, unavailable'],
  ['529', '529, overloaded'],
  ['401', '401, key refused'],
  ['404', '404, no such model'],
  ['timeout', 'no answer'],
  ['reset', 'connection breaks'],
  ['refused', 'connection refused'],
  ['garbage', 'not an answer'],
];
const DEMO_FAULTS = [
  ['503', 'overloaded'],
  ['429', 'too many requests'],
  ['500', 'error of the provider'],
  ['timeout', 'no answer'],
  ['reset', 'connection breaks'],
  ['cut', 'breaks in mid-answer'],
  ['garbage', 'not an answer'],
];
const MINUTES = [1, 5, 15, 60, 240];

/** A button that shows a panel below it until something else is chosen. */
function Menu({ word, name, children }) {
  const [shown, setShown] = useState(false);
  const element = useRef(null);
  const button = useRef(null);
  useEffect(() => {
    if (!shown) {
      return undefined;
    }
    element.current.querySelector('.panel button, .panel select')?.focus();
    const outside = (event) => element.current.contains(event.target) || setShown(false);
    addEventListener('pointerdown', outside);
    return () => removeEventListener('pointerdown', outside);
  }, [shown]);
  const close = () => {
    setShown(false);
    button.current.focus();
  };
  const onKey = (event) => {
    if (event.key === 'Escape' && shown) {
      event.stopPropagation();
      close();
    }
  };
  const onFocusOut = (event) => {
    if (event.relatedTarget && !element.current.contains(event.relatedTarget)) {
      setShown(false);
    }
  };
  return html`<span class="menu" ref=${element} onKeyDown=${onKey} onfocusout=${onFocusOut}>
    <button type="button" ref=${button} aria-expanded=${String(shown)} aria-label=${name} onClick=${() => setShown(!shown)}>
      ${word}<span aria-hidden="true"> ▾</span>
    </button>
    ${shown && html`<div class="panel">${children(close)}</div>`}
  </span>`;
}

function DrillForm({ target, act }) {
  const fault = useRef(null);
  const minutes = useRef(null);
  const submit = (event) => {
    event.preventDefault();
    act(() => api.drill(target.name, fault.current.value, minutes.current.value));
  };
  return html`<form onSubmit=${submit}>
    <p>Calls to it fail for all callers, without reaching the provider.</p>
    <label>Fault <select ref=${fault} name="fault">${DRILL_FAULTS.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></label>
    <label>For <select ref=${minutes} name="minutes">${MINUTES.map((n) => html`<option key=${n} value=${n} selected=${n === 5}>${n < 60 ? `${n} min` : `${n / 60} h`}</option>`)}</select></label>
    <button type="submit" class="strong">Start the drill</button>
  </form>`;
}

/** @param rights mayOperate, mayDrill, demo */
export function Actions({ target, rights }) {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const { name, provider } = target;
  const act = async (request) => {
    setBusy(true);
    setRefusal(await request());
    setBusy(false);
  };
  const open = async () => {
    const yes = await confirm(
      `Open the breaker of ${name}?`,
      'Calls go to the next target of each chain until its open time is over or you close it.',
      'Open',
    );
    if (yes) {
      act(() => api.open(name));
    }
  };
  const away = target.breaker !== 'CLOSED' || target.state === 'COOLING';
  const breakable = rights.demo && rights.mayOperate && target.simulated;
  if (!rights.mayOperate && !rights.mayDrill && !breakable) {
    return null;
  }
  return html`<div class="actions" aria-busy=${String(busy)}>
    ${rights.mayOperate &&
    (away
      ? html`<button type="button" key="close" aria-label=${`Close ${name}`} title="Call it again at once" onClick=${() => act(() => api.close(name))}>Close</button>`
      : html`<button type="button" key="open" aria-label=${`Open ${name}`} title="Take it out: callers get the next target" onClick=${open}>Open</button>`)}
    ${rights.mayDrill &&
    (target.drill
      ? html`<button type="button" key="end" aria-label=${`End the drill of ${name}`} onClick=${() => act(() => api.endDrill(name))}>End drill</button>`
      : html`<${Menu} key="drill" word="Drill" name=${`Drill ${name}`}>
          ${(close) => html`<${DrillForm} target=${target} act=${(request) => act(request).then(close)} />`}
        <//>`)}
    ${breakable &&
    (target.demoFault
      ? html`<button type="button" key="mend" aria-label=${`Mend ${provider}`} onClick=${() => act(() => api.breakProvider(provider, 'off'))}>Mend</button>`
      : html`<${Menu} key="break" word="Break" name=${`Break ${provider}`}>
          ${(close) => html`<div class="choices">
            ${DEMO_FAULTS.map(
              ([kind, text]) => html`<button type="button" key=${kind} value=${kind} onClick=${() => act(() => api.breakProvider(provider, kind)).then(close)}>
                <code>${kind}</code> ${text}
              </button>`,
            )}
          </div>`}
        <//>`)}
    ${refusal && html`<p class="refusal" role="alert">${refusal} <button type="button" class="plain" aria-label="Dismiss" onClick=${() => setRefusal(null)}>×</button></p>`}
  </div>`;
}
