import type { Server, ServerFacts } from '@sidestep/fleet';

/** What clouds differ in: an operator says which of these theirs can move live. */
export const overcomable = [
  'local-disk',
  'numa',
  'hugepages',
  'cpu-pinning',
  'sriov',
  'vtpm',
] as const;

/** Why a server cannot be moved live, or must not be. */
export type ObstacleName =
  | (typeof overcomable)[number]
  | 'state'
  | 'task'
  | 'locked'
  | 'pinned'
  | 'pci'
  | 'sev';

export type Obstacle = { name: ObstacleName; detail: string };

export type MoveRules = {
  /** A server with this tag is never moved. */
  pinnedTag: string;
  /** What this cloud moves live all the same. */
  overcomes: ReadonlySet<ObstacleName>;
};

/** Everything that is against moving a server live, each named; known before any decision. */
export function obstaclesOf(server: Server, rules: MoveRules): Obstacle[] {
  const { status, taskState, tags, facts } = server;
  const found: Obstacle[] = [];
  const add = (name: ObstacleName, detail: string) => {
    if (!rules.overcomes.has(name)) found.push({ name, detail });
  };
  if (status !== 'ACTIVE') add('state', `is ${status}, not ACTIVE`);
  if (taskState !== null) add('task', `Nova is busy with it (${taskState})`);
  for (const { name, detail } of wordsAgainst({ tags, locked: facts?.locked === true }, rules))
    add(name, detail);
  // A server of which nothing out of the ordinary is known boots from an image.
  if (facts?.localDisk ?? true) add('local-disk', 'it has a disk on its host');
  if (facts !== undefined) for (const { name, detail } of hardwareOf(facts)) add(name, detail);
  return found;
}

/** What somebody has said against moving a server: it may be said at any moment, and Nova moves a locked one for an admin. */
export function wordsAgainst(
  { tags, locked }: { tags: readonly string[]; locked: boolean },
  { pinnedTag }: Pick<MoveRules, 'pinnedTag'>,
): Obstacle[] {
  const said: Obstacle[] = [];
  if (tags.includes(pinnedTag))
    said.push({ name: 'pinned', detail: `its tag ${pinnedTag} keeps it here` });
  if (locked) said.push({ name: 'locked', detail: 'it is locked' });
  return said;
}

/** What ties a server to its host's hardware, by its ports, its flavor (Nova's extra specs) and its image (properties). */
function hardwareOf({ extraSpecs, imageProperties = {}, vnicTypes }: ServerFacts): Obstacle[] {
  const found: Obstacle[] = [];
  const special = vnicTypes.filter((type) => type !== 'normal');
  if (special.length > 0)
    found.push({ name: 'sriov', detail: `a port of it is of vnic_type ${special.join(', ')}` });
  const specs = [
    ...Object.entries(extraSpecs).map(([key, value]) => ({ of: 'flavor', key, value })),
    ...Object.entries(imageProperties).map(([key, value]) => ({ of: 'image', key, value })),
  ];
  // An image says the same as a flavor with underscores: hw:cpu_policy, hw_cpu_policy.
  const first = (matches: (key: string, value: string) => boolean) =>
    specs.find(({ of, key, value }) =>
      matches(of === 'image' ? key.replace(/^hw_/, 'hw:') : key, value),
    );
  const rows: [ObstacleName, (key: string, value: string) => boolean][] = [
    ['pci', (key) => /^(pci_passthrough:alias|accel:device_profile|resources\d*:V?GPU)$/.test(key)],
    ['numa', (key) => /^hw:numa_/.test(key)],
    ['hugepages', (key, value) => key === 'hw:mem_page_size' && value !== 'small'],
    [
      'cpu-pinning',
      (key, value) =>
        (key === 'hw:cpu_policy' && value !== 'shared') || /^resources\d*:PCPU$/.test(key),
    ],
    ['vtpm', (key) => /^hw:tpm_/.test(key)],
    ['sev', (key, value) => key === 'hw:mem_encryption' && value.toLowerCase() === 'true'],
  ];
  for (const [name, matches] of rows) {
    const spec = first(matches);
    if (spec === undefined) continue;
    found.push({ name, detail: `its ${spec.of} says ${spec.key}=${spec.value}` });
  }
  return found;
}
