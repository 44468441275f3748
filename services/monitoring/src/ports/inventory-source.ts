import type { Inventory } from '../domain/fleet.ts';

/** Reads the whole inventory from the VIM; throws when any part of it could not be read. */
export interface InventorySource {
  /** `before` is what is known: what says the same as there may be given as the same objects. */
  read(signal: AbortSignal, before: Inventory): Promise<Inventory>;
}
