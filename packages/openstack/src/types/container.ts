/** A container of Zun. Its Neutron ports bear its id as their device. */
export type Container = {
  readonly id: string;
  readonly name: string;
  /** Zun's status: Creating, Created, Running, Stopped, Paused, Error, Dead, … */
  readonly status: string;
  /** Zun's reason of the status; `null` where it gives none. */
  readonly statusReason: string | null;
  /** Compute host; `null` before it is scheduled, or where Zun does not tell us. */
  readonly host: string | null;
  readonly image: string;
  /** Neutron ports, each once. */
  readonly portIds: readonly string[];
};
