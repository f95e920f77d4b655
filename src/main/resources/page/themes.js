// The switch between the system's theme, light and dark.
import { html, useState } from './ui.js';
import { changed } from './state.js';

const root = document.documentElement;
const NEXT = { system: 'light', light: 'dark', dark: 'system' };
const SHOWN = { system: '◐', light: '☀', dark: '☾' };
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', changed);

export const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches);

function set(theme) {
  if (theme === 'system') {
    delete root.dataset.theme;
  } else {
    root.dataset.theme = theme;
  }
  try {
    localStorage.setItem('bactrian-theme', theme);
  } catch {
    // storage is switched off: the choice holds until the page is left
  }
  changed();
}

export function ThemeButton() {
  const [theme, setTheme] = useState(root.dataset.theme ?? 'system');
  const next = NEXT[theme];
  const turn = () => {
    setTheme(next);
    set(next);
  };
  const name = `Theme: ${theme}. Switch to ${next}`;
  return html`<button type="button" class="plain" onClick=${turn} aria-label=${name} title=${name}>${SHOWN[theme]}</button>`;
}
