// The page's keys: / to the filter, j and k along the rows, ? for help, Escape out of a field.
function typing(element) {
  return element.matches?.('input, select, textarea') || element.isContentEditable;
}

function move(by) {
  const rows = [...document.querySelectorAll('.list .row')];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
  next?.querySelector('button')?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** Listens until the function that it returns is called. */
export function listenToKeys(onHelp) {
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) {
      return;
    }
    if (typing(event.target)) {
      if (event.key === 'Escape') {
        event.target.blur();
      }
      return;
    }
    const actions = {
      '/': () => document.getElementById('filter-text')?.focus(),
      j: () => move(1),
      k: () => move(-1),
      '?': onHelp,
    };
    if (actions[event.key]) {
      event.preventDefault();
      actions[event.key]();
    }
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
