// The one import of htm and Preact for all modules, and small pieces that many of them draw.
export { html, render, Component, useEffect, useLayoutEffect, useRef, useState } from './lib/htm-preact-3.1.1.js';
import { html, Component } from './lib/htm-preact-3.1.1.js';
import { clock, moment } from './format.js';

/** A component that is drawn again only when one of its properties is another value. */
export class Pure extends Component {
  shouldComponentUpdate(next, state) {
    if (state !== this.state) {
      return true;
    }
    const names = new Set([...Object.keys(this.props), ...Object.keys(next)]);
    names.delete('children');
    return [...names].some((name) => this.props[name] !== next[name]);
  }
}

/** A time of day with the full date on hover. */
export function Time({ at, days }) {
  return at ? html`<time datetime=${at} title=${moment(at)}>${days ? moment(at) : clock(at)}</time>` : '–';
}

/** A small line of values, oldest first; gaps where a value is null. */
export function Spark({ values, label }) {
  const known = (values ?? []).filter((value) => value !== null);
  if (known.length < 2) {
    return html`<svg class="spark" viewBox="0 0 60 16" aria-hidden="true"></svg>`;
  }
  const top = Math.max(...known) || 1;
  const step = 60 / (values.length - 1);
  let path = '';
  let drawing = false;
  values.forEach((value, i) => {
    if (value === null) {
      drawing = false;
      return;
    }
    path += `${drawing ? 'L' : 'M'}${(i * step).toFixed(1)} ${(15 - (value / top) * 13).toFixed(1)}`;
    drawing = true;
  });
  return html`<svg class="spark" viewBox="0 0 60 16" preserveAspectRatio="none" role="img" aria-label=${label}>
    <title>${label}</title>
    <path d=${path} />
  </svg>`;
}
