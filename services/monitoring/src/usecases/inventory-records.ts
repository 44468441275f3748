import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Records, VersionConflict, type Write } from '@sidestep/service-kit';
import type { Inventory } from '../domain/fleet.ts';

const KIND = 'inventory';
const ID = 'last';
const PART = 'inventory-part';

/** Items of a part, on average: what comes and goes in a list changes one part of it. */
const PART_ITEMS = 64;
const MAX_PART_ITEMS = 4 * PART_ITEMS;
/** Parts of one commit: some milliseconds. */
const PARTS_AT_ONCE = 8;
const PARTS_A_PAGE = 100;

/** A reading of the VIM and when it was made. */
export interface KeptInventory {
  readonly inventory: Inventory;
  readonly observedAtMs: number;
}

type ListName = keyof Inventory;
type Item = Inventory[ListName][number];
type OfLists<T> = Readonly<Record<ListName, T>>;

/** The document that counts: it names the parts of each list, in their order. */
interface Head {
  readonly observedAtMs: number;
  readonly parts: OfLists<readonly string[]>;
}

interface Part {
  readonly id: string;
  readonly items: readonly Item[];
}

interface KeptList {
  readonly list: readonly Item[];
  readonly parts: readonly Part[];
}

const nothing: KeptList = { list: [], parts: [] };

/**
 * Keeps the inventory in parts, of which only those are written that changed: of a large fleet all would be 20 MB each time. New
 * parts are written beside the old ones, in several commits; the one that names them counts.
 */
export class InventoryRecords {
  readonly #records: Records;
  #version: number | 'absent' = 'absent';
  #kept: OfLists<KeptList> = ofLists(() => nothing);
  /** Written, and named by no document: deleted with the next commit. */
  readonly #loose = new Set<string>();
  #lastPart = 0;

  constructor(records: Records) {
    this.#records = records;
  }

  /** What an earlier process kept; undefined where that is not whole. */
  async load(): Promise<KeptInventory | undefined> {
    const parts = await this.#allParts();
    this.#kept = ofLists(() => nothing);
    this.#loose.clear();
    for (const id of parts.keys()) {
      this.#loose.add(id);
      this.#lastPart = Math.max(this.#lastPart, Number(id));
    }
    const head = await this.#records.get<Partial<Head>>(KIND, ID);
    this.#version = head?.version ?? 'absent';
    const { observedAtMs, parts: named } = head?.value ?? {};
    // One of before there were parts names none.
    if (observedAtMs === undefined || named === undefined) return undefined;
    const found = ofLists((name) => named[name].flatMap((id) => parts.get(id) ?? []));
    if (everyList((name) => found[name].length < named[name].length).includes(true)) {
      return undefined;
    }
    this.#kept = ofLists((name) => ({
      list: found[name].flatMap(({ items }) => items),
      parts: found[name],
    }));
    for (const { id } of partsOf(this.#kept)) this.#loose.delete(id);
    const kept = this.#kept;
    const inventory: Inventory = {
      hosts: kept.hosts.list as Inventory['hosts'],
      servers: kept.servers.list as Inventory['servers'],
      serverGroups: kept.serverGroups.list as Inventory['serverGroups'],
      chains: kept.chains.list as Inventory['chains'],
      flavors: kept.flavors.list as Inventory['flavors'],
    };
    return { inventory, observedAtMs };
  }

  /** Keeps a reading; what is the same object as in the one before is taken as unchanged. */
  async keep(reading: KeptInventory): Promise<void> {
    try {
      await this.#keep(reading);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      // A process that was still ending kept one after this one had loaded: what it left is looked at once more.
      await this.load();
      await this.#keep(reading);
    }
  }

  async #keep({ inventory, observedAtMs }: KeptInventory): Promise<void> {
    const next = ofLists((name) => this.#parted(inventory[name], this.#kept[name]));
    const before = new Set(partsOf(this.#kept));
    await this.#write(partsOf(next).filter((part) => !before.has(part)));
    const named = new Set(partsOf(next).map(({ id }) => id));
    const unnamed = [...before].flatMap(({ id }) => (named.has(id) ? [] : [id]));
    const loose = [...unnamed, ...[...this.#loose].filter((id) => !named.has(id))];
    const parts = ofLists((name) => next[name].parts.map(({ id }) => id));
    const head: Head = { observedAtMs, parts };
    await this.#records.commit([
      { kind: KIND, id: ID, expected: this.#version, value: head },
      ...loose.map((id): Write => ({ kind: PART, id, expected: 1, value: null })),
    ]);
    this.#version = this.#version === 'absent' ? 1 : this.#version + 1;
    this.#kept = next;
    this.#loose.clear();
  }

  async #write(parts: readonly Part[]): Promise<void> {
    for (let at = 0; at < parts.length; at += PARTS_AT_ONCE) {
      const some = parts.slice(at, at + PARTS_AT_ONCE);
      await this.#records.commit(
        some.map(
          ({ id, items }): Write => ({
            kind: PART,
            id,
            expected: 'absent',
            value: { items },
          }),
        ),
      );
      for (const { id } of some) this.#loose.add(id);
      await nextTurn();
    }
  }

  async #allParts(): Promise<Map<string, Part>> {
    const parts = new Map<string, Part>();
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<Omit<Part, 'id'>>(PART, {
        order: 'oldest',
        limit: PARTS_A_PAGE,
        cursor,
      });
      for (const { id, value } of page.items) parts.set(id, { id, items: value.items });
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return parts;
  }

  /** A list in parts, those of before where they hold the same items. */
  #parted(list: readonly Item[], before: KeptList): KeptList {
    if (list === before.list) return before;
    const known = new Map(before.parts.map((part) => [part.items[0], part]));
    const parts: Part[] = [];
    let from = 0;
    for (let at = 1; at <= list.length; at += 1) {
      if (at < list.length && !endsPart(list[at - 1], at - from)) continue;
      const items = list.slice(from, at);
      const same = known.get(items[0]);
      parts.push(same !== undefined && sameObjects(same.items, items) ? same : this.#part(items));
      from = at;
    }
    return { list, parts };
  }

  #part(items: readonly Item[]): Part {
    this.#lastPart += 1;
    return { id: String(this.#lastPart), items };
  }
}

function ofLists<T>(of: (name: ListName) => T): OfLists<T> {
  return {
    hosts: of('hosts'),
    servers: of('servers'),
    serverGroups: of('serverGroups'),
    chains: of('chains'),
    flavors: of('flavors'),
  };
}

const everyList = <T>(of: (name: ListName) => T): T[] => Object.values(ofLists(of));
const partsOf = (kept: OfLists<KeptList>): Part[] => everyList((name) => kept[name].parts).flat();

const sameObjects = (one: readonly Item[], other: readonly Item[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at]);

/** Told by the item itself and not by its place, so that a server more shifts no part but its own. */
function endsPart(item: Item | undefined, length: number): boolean {
  if (length >= MAX_PART_ITEMS) return true;
  // FNV-1a, mixed once more, as the ids of a fleet may be alike.
  let hash = 0x811c9dc5;
  for (const char of item?.id ?? '') hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % PART_ITEMS === 0;
}
