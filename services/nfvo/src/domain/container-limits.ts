/** Something that cannot be done with a container of Zun, and why. */
export type ContainerLimit = {
  readonly what: 'live-migrate' | 'start' | 'shutdown' | 'delete' | 'standby';
  readonly why: string;
};

const notOurs = 'Zun runs it, and this service runs VNFs as Nova servers only';

/** What cannot be done with any container; being a member of a chain, and its re-render, can. */
export const containerLimits: readonly ContainerLimit[] = [
  { what: 'live-migrate', why: 'Zun has no live migration: a container ends where it runs' },
  { what: 'start', why: notOurs },
  { what: 'shutdown', why: notOurs },
  { what: 'delete', why: notOurs },
  { what: 'standby', why: 'a second instance is a Nova server like the first one' },
];

/** The sentence by which it is refused. */
export function refusalOf(containerId: string, what: ContainerLimit['what']): string {
  const limit = containerLimits.find((each) => each.what === what);
  return `${containerId} is a container, and ${what} is not possible: ${limit?.why}`;
}
