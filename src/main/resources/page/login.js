// The form that asks for a caller's key.
import { html, useEffect, useRef, useState } from './ui.js';
import * as api from './api.js';

export function Login({ onDone }) {
  const [refusal, setRefusal] = useState(null);
  const [busy, setBusy] = useState(false);
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const why = await api.login(field.current.value);
    setBusy(false);
    setRefusal(why);
    if (why) {
      field.current.select();
    } else {
      field.current.value = '';
      onDone();
    }
  };
  return html`<main class="login">
    <form onSubmit=${submit}>
      <h1><img src="favicon.svg" alt="" width="28" height="28" />Bactrian</h1>
      <input type="text" autocomplete="username" value="bactrian" hidden />
      <label for="key">Key</label>
      <input id="key" ref=${field} type="password" autocomplete="current-password" required aria-describedby="login-note" />
      ${refusal && html`<p class="refusal" role="alert">${refusal}</p>`}
      <button type="submit" class="strong" disabled=${busy}>Log in</button>
      <p id="login-note" class="quiet">One of the keys in <code>bactrian.server.keys</code>. It is exchanged for a session of 12 hours and not kept.</p>
    </form>
  </main>`;
}
