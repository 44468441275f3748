/**
 * Randomness without state: every draw is a hash of (seed, what it is for, which one), so that the
 * past can be drawn again, in any order, exactly as it was.
 */

/** 32-bit mix of two 32-bit numbers (the finaliser of MurmurHash3, Appleby, public domain). */
export function mix(a: number, b: number): number {
  let h = (Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b | 0, 0xc2b2ae35)) | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** FNV-1a of a text, 32 bits, seeded. */
export function hashText(seed: number, text: string): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i += 1) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  return mix(h, text.length);
}

/** Uniform in [0, 1): the n-th draw of a stream. */
export function uniform(stream: number, n: number): number {
  return mix(stream, n) / 0x1_0000_0000;
}

/** Standard normal by Box and Muller (1958): the n-th draw of a stream. */
export function gaussian(stream: number, n: number): number {
  const first = 1 - uniform(stream, 2 * n);
  const second = uniform(stream ^ 0x5bd1e995, 2 * n + 1);
  return Math.sqrt(-2 * Math.log(first)) * Math.cos(2 * Math.PI * second);
}

const AR_TERMS = 12;
const AR_KEEP = 0.7;
const AR_SCALE = Math.sqrt(1 - AR_KEEP * AR_KEEP);

/**
 * AR(1) noise of unit variance and coefficient 0.7 on a grid of whole seconds, as its moving
 * average over 12 terms (the rest weighs under 1.5 %), so that any instant can be asked for alone.
 */
export function autoregressive(stream: number, timeMs: number): number {
  const second = Math.floor(timeMs / 1000);
  let weight = AR_SCALE;
  let sum = 0;
  for (let k = 0; k < AR_TERMS; k += 1) {
    // A sum of three uniforms is near enough to normal here, and far cheaper than Box-Muller.
    const n = 3 * (second - k);
    const draw = uniform(stream, n) + uniform(stream, n + 1) + uniform(stream, n + 2) - 1.5;
    sum += weight * draw * 2;
    weight *= AR_KEEP;
  }
  return sum;
}

/** Noise within ±1 that wanders slowly: linear between draws `knotMs` apart. */
export function wandering(stream: number, timeMs: number, knotMs: number): number {
  const position = timeMs / knotMs;
  const knot = Math.floor(position);
  const part = position - knot;
  return 2 * (uniform(stream, knot) * (1 - part) + uniform(stream, knot + 1) * part) - 1;
}

/** The UUID (version 4 in form) of a named thing of a seeded cloud. */
export function seededUuid(seed: number, kind: string, name: string): string {
  const text = `${kind}/${name}`;
  // Two hashes: 32 bits alone would collide among the tens of thousands of things of a large cloud.
  const streams = [hashText(seed, text), hashText(seed ^ 0x7f4a7c15, text)];
  let hex = '';
  for (const stream of streams)
    for (let i = 0; i < 2; i += 1) hex += mix(stream, i).toString(16).padStart(8, '0');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
