// Requests of the page to the gateway; a refusal comes back in the gateway's own words.

/** The words of an error response. */
export async function reason(response) {
  try {
    const message = (await response.json())?.error?.message;
    if (message) {
      return message;
    }
  } catch {
    // not JSON: the status has to do
  }
  return `The gateway answered with status ${response.status}.`;
}

/** Posts; the result is null if it was done, else why not. */
async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(15000),
    });
    return response.ok ? null : await reason(response);
  } catch {
    return 'The gateway cannot be reached.';
  }
}

const target = (name) => `admin/targets/${encodeURIComponent(name)}`;

export const login = (key) => post('page/login', { key });
export const logout = () => post('page/logout');
export const open = (name) => post(`${target(name)}/open`);
export const close = (name) => post(`${target(name)}/close`);
export const drill = (name, fault, minutes) => post(`${target(name)}/drill?fault=${fault}&for=${minutes}m`);
export const endDrill = (name) => post(`${target(name)}/drill?fault=off`);
export const breakProvider = (provider, kind) => post(`demo/${encodeURIComponent(provider)}/fault?kind=${kind}`);
