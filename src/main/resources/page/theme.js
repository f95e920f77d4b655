// The theme, set before the first paint: light, dark, or what the system prefers.
(function () {
  const root = document.documentElement;
  let stored = null;
  try {
    stored = localStorage.getItem('bactrian-theme');
  } catch {
    // storage is switched off: the system's preference holds
  }
  if (stored === 'light' || stored === 'dark') {
    root.dataset.theme = stored;
  }
})();
