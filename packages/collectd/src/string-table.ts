import { utf8 } from './wire.ts';

/**
 * Turns bytes into strings, each decoded once: a datagram names the same hosts and plugins every second.
 * Strings have small ids, so identities are compared as integers.
 */
export class StringTable {
  #slots = new Int32Array(1024).fill(-1);
  readonly #hashes: number[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  /** Id of the string in bytes[start, end), or -1 when it contains a NUL. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === 0) return -1;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) return this.#add(bytes, start, end, hash, slot);
      if (this.#hashes[id] === hash && this.#equals(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
  }

  text(id: number): string {
    return this.#texts[id] ?? '';
  }

  clear(): void {
    this.#slots = new Int32Array(1024).fill(-1);
    this.#hashes.length = 0;
    this.#bytes.length = 0;
    this.#texts.length = 0;
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const known = this.#bytes[id];
    if (known === undefined || known.length !== end - start) return false;
    for (let at = 0; at < known.length; at += 1) {
      if (known[at] !== bytes[start + at]) return false;
    }
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const id = this.#texts.length;
    const own = Uint8Array.from(bytes.subarray(start, end));
    this.#hashes.push(hash);
    this.#bytes.push(own);
    this.#texts.push(utf8.decode(own));
    this.#slots[slot] = id;
    if (this.#texts.length * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (const [id, hash] of this.#hashes.entries()) {
      let slot = (hash ^ (hash >>> 15)) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}
