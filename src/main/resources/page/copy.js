// A button that shows a request's id and copies it.
import { html, useState } from './ui.js';

/** Copies; on pages without TLS, where browsers keep the clipboard closed, by the old command. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const focused = document.activeElement;
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    focused?.focus();
  }
}

export function Copy({ text }) {
  const [done, setDone] = useState(false);
  const onClick = async () => {
    await copy(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class="copy" title=${`Copy ${text}`} aria-label=${done ? 'Copied' : `Copy request id ${text}`} onClick=${onClick}>
    <code>${done ? 'copied' : text}</code>
  </button>`;
}
