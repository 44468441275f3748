import type { Inventory } from '../domain/fleet.ts';

/** Reads the whole inventory from the VIM; throws when any part of it could not be read. */
export interface InventorySource {
  read(signal: AbortSignal): Promise<Inventory>;
}
