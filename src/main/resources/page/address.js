// The filter, kept in the page's address so that a link or a reload shows the same.
const NAMES = ['chain', 'class', 'kind', 'text', 'show'];

export function readFilter() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? '']));
}

export function writeFilter(filter) {
  const query = new URLSearchParams();
  NAMES.filter((name) => filter[name]).forEach((name) => query.set(name, filter[name]));
  const text = query.toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
}

/** True if an event of the list is to be shown. */
export function matches(event, filter) {
  const classes = [event.class, ...(event.trail ?? []).map((call) => call.class)];
  const words = [event.request, event.chain, event.from, event.to, event.text, event.kind, ...classes];
  (event.trail ?? []).forEach((call) => words.push(call.target));
  return (
    (!filter.chain || event.chain === filter.chain) &&
    (!filter.class || classes.includes(filter.class)) &&
    (!filter.kind || event.kind === filter.kind) &&
    (!filter.text || words.filter(Boolean).join(' ').toLowerCase().includes(filter.text.toLowerCase()))
  );
}
