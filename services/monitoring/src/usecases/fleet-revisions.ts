import type { Chain, Inventory, Server } from '../domain/fleet.ts';
import { sameValue } from '../domain/same-value.ts';
import type { Trust } from './quality-desk.ts';

/** What changed after a revision; `since` null: everything, as that revision is not known. */
export interface FleetChanges {
  readonly revision: string;
  readonly since: string | null;
  readonly servers: readonly Server[];
  readonly chains: readonly Chain[];
  readonly goneIds: readonly string[];
}

/** What is gone is remembered so long; who asks by an older revision gets everything. */
const maxGone = 20_000;

interface Kept<T> {
  item: T;
  /** Whether it was trusted when it was last looked at. */
  trusted: boolean;
  revision: number;
}

/** Numbers the states of the inventory, so that a reader of a large fleet reads only what changed. */
export class FleetRevisions {
  readonly #epoch: string;
  readonly #trust: Trust;
  readonly #servers = new Map<string, Kept<Server>>();
  readonly #chains = new Map<string, Kept<Chain>>();
  #gone: { id: string; revision: number }[] = [];
  /** Revisions before this one are not known any more. */
  #oldest = 0;
  #revision = 0;
  #seen: Inventory | undefined;
  #trustSeen = Number.NaN;

  /** `epoch`: eight hexadecimal digits of this process: another one numbers anew. */
  constructor(epoch: string, trust: Trust) {
    this.#epoch = epoch;
    this.#trust = trust;
  }

  /** What changed after a revision that an earlier answer bore. */
  changes(inventory: Inventory, since: string | undefined): FleetChanges {
    this.#note(inventory);
    const from = this.#numberOf(since);
    const after = <T>(kept: ReadonlyMap<string, Kept<T>>): T[] => {
      const changed: T[] = [];
      // Mostly nothing did: then the many of a large fleet need not be looked at.
      if (from === this.#revision) return changed;
      for (const { item, revision } of kept.values()) if (revision > from) changed.push(item);
      return changed;
    };
    return {
      revision: `${this.#epoch}-${this.#revision}`,
      since: from < 0 ? null : (since ?? null),
      servers: after(this.#servers),
      chains: after(this.#chains),
      goneIds:
        from < 0 ? [] : this.#gone.filter(({ revision }) => revision > from).map(({ id }) => id),
    };
  }

  /** The number of a revision of ours that is still known; else -1. */
  #numberOf(since: string | undefined): number {
    const [epoch, number] = since?.split('-') ?? [];
    const from = epoch === this.#epoch ? Number(number) : -1;
    return from >= this.#oldest && from <= this.#revision ? from : -1;
  }

  #note(inventory: Inventory): void {
    const isNew = inventory !== this.#seen;
    const trust = this.#trust.revision();
    if (!isNew && trust === this.#trustSeen) return;
    this.#trustSeen = trust;
    const next = this.#revision + 1;
    const isTrusted = (id: string): boolean => this.#trust.isTrusted(id);
    let changed = this.#noteAll(this.#servers, inventory.servers, next, isNew, isTrusted);
    if (isNew) {
      changed = this.#noteAll(this.#chains, inventory.chains, next, true, () => true) || changed;
      this.#seen = inventory;
    }
    if (changed) this.#revision = next;
    if (this.#gone.length <= maxGone) return;
    const dropped = this.#gone.slice(0, this.#gone.length - maxGone);
    this.#gone = this.#gone.slice(-maxGone);
    this.#oldest = dropped.at(-1)?.revision ?? this.#oldest;
  }

  #noteAll<T extends { readonly id: string }>(
    kept: Map<string, Kept<T>>,
    items: readonly T[],
    revision: number,
    isNew: boolean,
    isTrusted: (id: string) => boolean,
  ): boolean {
    let changed = false;
    for (const item of items) {
      const known = kept.get(item.id);
      const trusted = isTrusted(item.id);
      if (known?.trusted === trusted && (!isNew || sameValue(known.item, item))) continue;
      kept.set(item.id, { item, trusted, revision });
      changed = true;
    }
    if (!isNew) return changed;
    // By their ids: pages that shift while they are read tell one twice, and their number hides one that is gone.
    const there = new Set(items.map(({ id }) => id));
    if (kept.size === there.size) return changed;
    for (const id of [...kept.keys()].filter((each) => !there.has(each))) {
      kept.delete(id);
      this.#gone.push({ id, revision });
      changed = true;
    }
    return changed;
  }
}
