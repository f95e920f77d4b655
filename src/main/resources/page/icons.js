// States and kinds of events as word, shape and tone: never a colour alone.
import { html } from './ui.js';

const SHAPES = {
  disc: html`<circle cx="8" cy="8" r="5" />`,
  ring: html`<circle cx="8" cy="8" r="4.5" class="line" />`,
  cross: html`<path d="M3.5 3.5l9 9M12.5 3.5l-9 9" class="line" />`,
  half: html`<circle cx="8" cy="8" r="4.75" class="line" /><path d="M8 3.25a4.75 4.75 0 0 0 0 9.5z" />`,
  up: html`<path d="M8 2.5l6 11H2z" />`,
  down: html`<path d="M8 13.5l-6-11h12z" />`,
  flake: html`<path d="M8 2v12M2.8 5l10.4 6M13.2 5L2.8 11" class="line" />`,
  question: html`<path d="M5.5 6a2.5 2.5 0 1 1 3.7 2.2C8.3 8.7 8 9.2 8 10M8 12.5v.6" class="line" />`,
  right: html`<path d="M2 8h10M8.5 4.5L12.5 8l-4 3.5" class="line" />`,
  ringarrow: html`<path d="M13 8a5 5 0 1 1-1.6-3.7M11.7 1.8v3h-3" class="line" />`,
  bell: html`<path d="M4 11V7.5a4 4 0 0 1 8 0V11l1 1.5H3zM7 14.3h2" class="line" />`,
  person: html`<circle cx="8" cy="5" r="2.6" class="line" /><path d="M3 14c0-3 2.2-5 5-5s5 2 5 5" class="line" />`,
  info: html`<path d="M8 7v6M8 3.5v.8" class="line" />`,
};

/** @param shape a name of SHAPES; @param tone a class that sets the colour */
export function Icon({ shape, tone }) {
  return html`<svg class=${`icon ${tone ?? ''}`} viewBox="0 0 16 16" aria-hidden="true">${SHAPES[shape]}</svg>`;
}

const STATES = {
  ANSWERING: { word: 'Answering', shape: 'disc', tone: 'good' },
  UP: { word: 'Up', shape: 'ring', tone: 'good' },
  IDLE: { word: 'Idle', shape: 'ring', tone: 'calm' },
  DEGRADED: { word: 'Degraded', shape: 'up', tone: 'warn' },
  COOLING: { word: 'Cooling', shape: 'flake', tone: 'cold' },
  OPEN: { word: 'Open', shape: 'cross', tone: 'bad' },
  HALF_OPEN: { word: 'Half-open', shape: 'half', tone: 'warn' },
  DOWN: { word: 'Down', shape: 'down', tone: 'bad' },
  UNKNOWN: { word: 'Unknown', shape: 'question', tone: 'calm' },
};
export const state = (name) => STATES[name] ?? STATES.UNKNOWN;

/** True if a target in this state is not called, or barely. */
export const troubled = (name) => ['COOLING', 'OPEN', 'HALF_OPEN', 'DOWN', 'DEGRADED'].includes(name);

const KINDS = {
  fallback: { word: 'fallback', shape: 'right', tone: 'warn' },
  rescue: { word: 'rescue', shape: 'ringarrow', tone: 'cold' },
  failed: { word: 'failed', shape: 'cross', tone: 'bad' },
  degraded: { word: 'degraded', shape: 'up', tone: 'warn' },
  alert: { word: 'alert', shape: 'bell', tone: 'bad' },
  breaker: { word: 'breaker', shape: 'half', tone: 'calm' },
  operator: { word: 'operator', shape: 'person', tone: 'accent' },
};
export const kind = (name) => KINDS[name] ?? { word: name, shape: 'info', tone: 'calm' };
export const KIND_NAMES = Object.keys(KINDS);

const SEVERITIES = {
  critical: { word: 'Critical', shape: 'cross', tone: 'bad' },
  error: { word: 'Error', shape: 'down', tone: 'bad' },
  warning: { word: 'Warning', shape: 'up', tone: 'warn' },
  info: { word: 'Info', shape: 'info', tone: 'accent' },
};
export const severity = (name) => SEVERITIES[name] ?? SEVERITIES.info;
