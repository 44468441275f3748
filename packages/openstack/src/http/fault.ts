/** A service's own words about a refusal. */
export type Fault = { readonly name: string | null; readonly detail: string };

const MAX_DETAIL_LENGTH = 500;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function fromJson(body: Record<string, unknown>): Fault | null {
  const neutron = body.NeutronError;
  if (typeof neutron === 'string') return { name: null, detail: neutron };
  if (isRecord(neutron)) {
    return { name: text(neutron.type), detail: text(neutron.message) ?? '' };
  }
  const keystone = body.error;
  if (isRecord(keystone)) {
    return { name: text(keystone.title), detail: text(keystone.message) ?? '' };
  }
  const placement = body.errors;
  if (Array.isArray(placement)) {
    const first: unknown = placement[0];
    if (!isRecord(first)) return null;
    return {
      name: text(first.code) ?? text(first.title),
      detail: text(first.detail) ?? '',
    };
  }
  // Glance: {message, code, title}.
  const glance = text(body.message);
  if (glance !== null) return { name: text(body.title), detail: glance };
  for (const [name, fault] of Object.entries(body)) {
    const message = isRecord(fault) ? text(fault.message) : null;
    if (message !== null) return { name, detail: message };
  }
  return null;
}

function plain(body: string): string {
  return body.replace(/<[^>]*>/g, ' ');
}

/** Reads the fault out of an answer of Nova, Neutron, Keystone, Placement or Glance. */
export function faultOf(body: string): Fault {
  let fault: Fault | null = null;
  try {
    const parsed: unknown = JSON.parse(body);
    if (isRecord(parsed)) fault = fromJson(parsed);
  } catch {
    fault = null; // Proxies and Glance answer HTML or text.
  }
  const { name, detail } = fault ?? { name: null, detail: plain(body) };
  const line = detail.replace(/\s+/g, ' ').trim().slice(0, MAX_DETAIL_LENGTH);
  return { name, detail: line === '' ? 'no reason given' : line };
}
