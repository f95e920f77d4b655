// The charts of the last ten minutes, and the failed calls of the last hour by class.
import { html, Pure, useEffect, useRef } from './ui.js';
import { clockMinutes, count, millis, rate } from './format.js';
import { isDark } from './themes.js';

const HEIGHT = 150;
const SECONDS = 600;
/** So many targets have a line of their own: those with the latest times. */
const LINES = 5;

/** The value of a CSS variable in the present theme, for a canvas, which knows no variables. */
function color(element, name) {
  element.style.color = `var(${name})`;
  const value = getComputedStyle(element).color;
  element.style.color = '';
  return value;
}

const clocks = (_, splits) => splits.map((at) => clockMinutes(at * 1000));

function options(element, width, lines, values, most) {
  const axis = { stroke: color(element, '--quiet'), grid: { stroke: color(element, '--grid'), width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : most] } },
    axes: [
      { ...axis, values: clocks, space: 70, size: 24 },
      { ...axis, values: (_, splits) => splits.map(values), size: 52, space: 32 },
    ],
    series: [
      {},
      ...lines.map(({ stroke, dash, fill }) => ({
        stroke: color(element, stroke),
        width: 1.5,
        dash,
        fill: fill ? color(element, fill) : undefined,
        points: { show: false },
        spanGaps: true,
      })),
    ],
  };
}

/**
 * @param lines stroke (name of a CSS variable), dash, values
 * @param values a label of the y axis from its number
 * @param most the top of the y axis when there is nothing to draw
 */
function Chart({ times, lines, values, most, label }) {
  const element = useRef(null);
  const chart = useRef(null);
  const dark = isDark();
  const shape = lines.map(({ stroke, dash }) => stroke + dash).join(' ');
  useEffect(() => {
    const width = () => Math.max(120, element.current.clientWidth);
    chart.current = new window.uPlot(options(element.current, width(), lines, values, most), [[], ...lines.map(() => [])], element.current);
    const observer = new ResizeObserver(() => chart.current.setSize({ width: width(), height: HEIGHT }));
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      chart.current.destroy();
    };
  }, [shape, dark]);
  useEffect(() => {
    chart.current.setData([times, ...lines.map((line) => line.values)]);
    const last = times.at(-1) ?? Date.now() / 1000;
    chart.current.setScale('x', { min: last - SECONDS, max: last });
  });
  return html`<div class="chart" ref=${element} role="img" aria-label=${label}></div>`;
}

function Key({ stroke, dashed, children }) {
  return html`<span class="key"><svg viewBox="0 0 18 8" aria-hidden="true"><path d="M1 4h16" class=${`${stroke} ${dashed ? 'dashed' : ''}`} /></svg>${children}</span>`;
}

function Requests({ points }) {
  const lines = [
    { stroke: '--line-1', fill: '--fill-1', values: points.requests },
    { stroke: '--line-3', dash: [5, 3], values: points.fallbacks },
  ];
  const requests = points.requests.at(-1);
  const fallbacks = points.fallbacks.at(-1);
  return html`<section class="card">
    <h2>Requests per second</h2>
    <p class="legend"><${Key} stroke="l1">requests ${rate(requests)}<//><${Key} stroke="l3" dashed>fallbacks ${rate(fallbacks)}<//></p>
    <${Chart} times=${points.times} lines=${lines} values=${(n) => (n >= 1000 ? `${n / 1000} k` : String(Number(n.toFixed(2))))} most=${1}
      label=${`Requests per second, now ${rate(requests)}; fallbacks per second, now ${rate(fallbacks)}`} />
  </section>`;
}

/** The names of the targets that are drawn: those with a time in the most points. */
function drawn(points) {
  return Object.entries(points.firstToken)
    .map(([name, { p50 }]) => [name, p50.filter((value) => value !== null).length])
    .filter(([, known]) => known > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, LINES)
    .map(([name]) => name)
    .sort();
}

function FirstToken({ points, targets }) {
  const names = drawn(points);
  const lines = names.flatMap((name, i) => [
    { stroke: `--line-${i + 1}`, values: points.firstToken[name].p50 },
    { stroke: `--line-${i + 1}`, dash: [2, 3], values: points.firstToken[name].p95 },
  ]);
  return html`<section class="card">
    <h2>Time to first token <span class="quiet">p50 solid, p95 dotted</span></h2>
    <p class="legend">
      ${names.map((name, i) => {
        const now = targets[name]?.firstTokenMs;
        return html`<${Key} key=${name} stroke=${`l${i + 1}`}>${name} ${now && html`<b>${millis(now.p50)}</b>`}<//>`;
      })}
      ${names.length === 0 && html`<span class="quiet">No answer has begun in the last 10 minutes.</span>`}
    </p>
    <${Chart} times=${points.times} lines=${lines} values=${millis} most=${1000} label=${`Time to first token of ${names.join(', ')}`} />
  </section>`;
}

function Classes({ classes, onFilter }) {
  const top = Math.max(1, ...classes.map((one) => one.count));
  return html`<section class="card classes">
    <h2>Failed calls of the last hour</h2>
    ${classes.length === 0
      ? html`<p class="quiet">None.</p>`
      : html`<ul>
          ${classes.map(({ class: name, count: n }) => html`<li key=${name}>
            <button type="button" class="plain" title="Show them in the list" onClick=${() => onFilter({ class: name })}>${name}</button>
            <span class="bar"><i style=${{ width: `${Math.max(1, (n / top) * 100)}%` }}></i></span>
            <b>${count(n)}</b>
          </li>`)}
        </ul>`}
  </section>`;
}

export class Charts extends Pure {
  shouldComponentUpdate(next) {
    const theme = isDark();
    const other = theme !== this.theme || ['version', 'classes', 'points'].some((name) => next[name] !== this.props[name]);
    this.theme = theme;
    return other;
  }

  render({ points, classes, targets, onFilter }) {
    return html`<div class="charts">
      ${points && html`<${Requests} points=${points} /><${FirstToken} points=${points} targets=${targets} />`}
      <${Classes} classes=${classes} onFilter=${onFilter} />
    </div>`;
  }
}
