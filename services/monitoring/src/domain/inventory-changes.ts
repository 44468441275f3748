import type { Inventory } from './fleet.ts';
import { sameValue } from './same-value.ts';

type Named = { readonly id: string };

/** The lists of an inventory. */
export const inventoryLists = [
  'hosts',
  'servers',
  'serverGroups',
  'chains',
  'flavors',
] as const satisfies readonly (keyof Inventory)[];

/** Whether two readings are of the very same lists. */
export const sameLists = (one: Inventory, other: Inventory): boolean =>
  inventoryLists.every((list) => one[list] === other[list]);

/** What makes a list out of the one before it. */
export interface ListChanges<T> {
  /** New, or other than before. */
  readonly changed: readonly T[];
  /** The ids of all, where they are others than before or in another order. */
  readonly order: readonly string[] | undefined;
}

/** What changed from one reading's list to the next one's; before the first reading nothing is known, not even that there was nothing. */
export function changesOfList<T extends Named>(
  before: readonly T[] | undefined,
  after: readonly T[],
): ListChanges<T> {
  const known = new Map(before?.map((item) => [item.id, item]));
  // Pages that shift while they are read tell one twice: the last word counts.
  const now = new Map(after.map((item) => [item.id, item]));
  const isSameOrder =
    before?.length === after.length && before.every(({ id }, at) => id === after[at]?.id);
  return {
    changed: [...now.values()].filter((item) => !sameValue(known.get(item.id), item)),
    order: isSameOrder ? undefined : after.map(({ id }) => id),
  };
}

/** A list that changes from reading to reading; what says the same stays the same object, and a list without a change itself. */
export class ChangingList<T extends Named> {
  #list: readonly T[];
  #known: Map<string, T>;
  #hasChanged = false;

  constructor(list: readonly T[]) {
    this.#list = list;
    this.#known = new Map(list.map((item) => [item.id, item]));
  }

  /** Takes items that may have changed. */
  take(items: readonly T[]): void {
    for (const item of items) {
      if (sameValue(this.#known.get(item.id), item)) continue;
      this.#known.set(item.id, item);
      this.#hasChanged = true;
    }
  }

  /** The list after a reading whose items were taken, in the order of the ids or in that of before. */
  become(order: readonly string[] | undefined): readonly T[] {
    if (!this.#hasChanged && order === undefined) return this.#list;
    const ids = order ?? this.#list.map(({ id }) => id);
    const list = ids.flatMap((id) => this.#known.get(id) ?? []);
    const isSame =
      list.length === this.#list.length && list.every((item, at) => item === this.#list[at]);
    if (!isSame) this.#list = list;
    if (order !== undefined) this.#known = new Map(list.map((item) => [item.id, item]));
    this.#hasChanged = false;
    return this.#list;
  }
}
