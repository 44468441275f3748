/** Finds what belongs to an identity by the ids of its five strings, without building a key string. */
export class IdentityTable<T> {
  #slots = new Int32Array(1024).fill(-1);
  #keys = new Int32Array(512 * 5);
  readonly #entries: T[] = [];

  get size(): number {
    return this.#entries.length;
  }

  find(
    host: number,
    plugin: number,
    pluginInstance: number,
    type: number,
    typeInstance: number,
    make: () => T,
  ): T {
    const mask = this.#slots.length - 1;
    let slot = slotOf(host, plugin, pluginInstance, type, typeInstance) & mask;
    for (;;) {
      const entry = this.#slots[slot] ?? -1;
      if (entry < 0) break;
      const key = entry * 5;
      const keys = this.#keys;
      if (
        keys[key + 4] === typeInstance &&
        keys[key + 3] === type &&
        keys[key + 2] === pluginInstance &&
        keys[key + 1] === plugin &&
        keys[key] === host
      ) {
        return this.#entries[entry] as T;
      }
      slot = (slot + 1) & mask;
    }
    const made = make();
    const entry = this.#entries.push(made) - 1;
    this.#slots[slot] = entry;
    if (this.#entries.length * 5 > this.#keys.length) {
      const keys = new Int32Array(this.#keys.length * 2);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    this.#keys.set([host, plugin, pluginInstance, type, typeInstance], entry * 5);
    if (this.#entries.length * 2 > this.#slots.length) this.#grow();
    return made;
  }

  clear(): void {
    this.#slots = new Int32Array(1024).fill(-1);
    this.#keys = new Int32Array(512 * 5);
    this.#entries.length = 0;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    const keys = this.#keys;
    for (let entry = 0; entry < this.#entries.length; entry += 1) {
      const key = entry * 5;
      let slot =
        slotOf(
          keys[key] ?? 0,
          keys[key + 1] ?? 0,
          keys[key + 2] ?? 0,
          keys[key + 3] ?? 0,
          keys[key + 4] ?? 0,
        ) & mask;
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
    this.#slots = slots;
  }
}

function slotOf(a: number, b: number, c: number, d: number, e: number): number {
  let hash = Math.imul(a + 1, 0x9e3779b1);
  hash = Math.imul((hash ^ (hash >>> 15)) + b, 0x85ebca6b);
  hash = Math.imul((hash ^ (hash >>> 13)) + c, 0xc2b2ae35);
  hash = Math.imul((hash ^ (hash >>> 15)) + d, 0x27d4eb2f);
  hash = Math.imul((hash ^ (hash >>> 13)) + e, 0x165667b1);
  return hash ^ (hash >>> 16);
}
