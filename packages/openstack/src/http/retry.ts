const BASE_MS = 250;
const CAP_MS = 5_000;

/** Wait before the attempt after `attempt` (0-based): exponential, capped at 5 s, with half of it jitter. */
export function backOffMs(attempt: number, random: () => number): number {
  const fullMs = Math.min(CAP_MS, BASE_MS * 2 ** attempt);
  return Math.round(fullMs / 2 + (fullMs / 2) * random());
}

/** Retry-After in milliseconds, given as seconds or as an HTTP date (RFC 9110, 10.2.3); null when absent or senseless. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
