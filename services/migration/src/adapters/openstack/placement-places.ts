import type { HostId } from '@sidestep/fleet';
import type { OpenStack, Placement, ProviderSummary } from '@sidestep/openstack';
import { NotFound } from '@sidestep/service-kit';
import type { Demand } from '../../domain/traffic.ts';
import type { Place, PlaceQuestion, Places } from '../../ports/places.ts';
import { providerDirectory } from './placement-room.ts';
import { translated } from './translated.ts';

/** Most hosts of one answer: Placement's own bound is often 1,000. */
const maxCandidates = 2_000;
/** A host's traits change when its compute service starts anew, hardly otherwise. */
const traitsKeptMs = 600_000;

/** Places by Placement's allocation candidates: capacity of every resource class that the server has claimed, and traits. */
export function placementPlaces(
  clients: Pick<OpenStack, 'nova' | 'placement'>,
  { timeoutMs, now }: { timeoutMs: number; now(): number },
): Places {
  const { placement } = clients;
  const providers = providerDirectory(clients);
  const cpuTraits = keptCpuTraits(placement, { timeoutMs, now });
  const readAll: Places['readPlaces'] = async (question, to) => {
    const shared = to.filter((hostId) => to.length > 1 && question.besides?.has(hostId) === true);
    const rest = to.filter((hostId) => !shared.includes(hostId));
    const answers = await Promise.all([
      read(question, rest),
      ...shared.map((hostId) => read(question, [hostId])),
    ]);
    return new Map(answers.flatMap((each) => [...each]));
  };
  const read: Places['readPlaces'] = async (question, to) => {
    const [only] = to;
    if (only === undefined) return new Map();
    const besides = to.length === 1 ? question.besides?.get(only) : undefined;
    const source = await providers.of(question.from);
    const claims = await claimsOf(placement, question.serverId, {
      timeoutMs,
      elsewhere: (id) => id !== source && providers.isHost(id),
    });
    const target = to.length === 1 ? await providers.of(only) : null;
    const { required, forbidden } = question;
    const asked = {
      resources: besides === undefined ? claims : withBesides(claims, besides),
      required,
      forbidden,
      limit: maxCandidates,
      ...(target === null ? {} : { inTree: target }),
    };
    const [{ candidates, summaries }, needed] = await Promise.all([
      placement.allocationCandidates(asked, { timeoutMs }),
      source === null ? [] : cpuTraits(source),
    ]);
    const fitting = new Set(candidates.flatMap(({ byProvider }) => Object.keys(byProvider)));
    const answers = new Map<HostId, Place>();
    for (const hostId of new Set(to)) {
      const id = await providers.of(hostId);
      const summary = id === null || !fitting.has(id) ? undefined : summaries[id];
      answers.set(hostId, placeOf(summary, question, needed));
    }
    return answers;
  };
  return { readPlaces: (question, to) => translated(readAll(question, to)) };
}

/** What has to find room together, of the classes that the server itself claims. */
function withBesides(
  claims: Readonly<Record<string, number>>,
  { vcpus, ramMiB, diskGiB }: Demand,
): Record<string, number> {
  const more: Record<string, number> = { VCPU: vcpus, MEMORY_MB: ramMiB, DISK_GB: diskGiB };
  return Object.fromEntries(
    Object.entries(claims).map(([name, amount]) => [name, amount + (more[name] ?? 0)]),
  );
}

function placeOf(
  summary: ProviderSummary | undefined,
  { required, forbidden }: PlaceQuestion,
  needed: readonly string[],
): Place {
  if (summary === undefined) {
    const traits = [...required, ...forbidden.map((trait) => `not ${trait}`)];
    const why = traits.length === 0 ? 'no-allocation' : 'traits';
    const with_ = traits.length === 0 ? '' : ` with the traits ${traits.join(', ')}`;
    return { kind: 'refused', why, detail: `Placement has no room${with_} there` };
  }
  const missing = needed.filter((trait) => !summary.traits.includes(trait));
  if (missing.length === 0) return { kind: 'free' };
  return { kind: 'refused', why: 'cpu-model', detail: `its CPU lacks ${missing.join(', ')}` };
}

/**
 * What the server claims where it is. A server that was evacuated claims its old host as well until that one's compute
 * service has cleaned up: both together would be twice what it needs. One that has left meanwhile needs the same elsewhere.
 */
async function claimsOf(
  placement: Placement,
  serverId: string,
  { timeoutMs, elsewhere }: { timeoutMs: number; elsewhere(providerId: string): boolean },
): Promise<Record<string, number>> {
  const { byProvider } = await placement.allocationsOfConsumer(serverId, { timeoutMs });
  const away = Object.keys(byProvider).filter(elsewhere);
  const here = Object.keys(byProvider).filter((id) => !away.includes(id));
  // What it shares with others, a pool of disks, it claims wherever it is.
  const isHere = here.some((id) => byProvider[id]?.MEMORY_MB !== undefined);
  const claims: Record<string, number> = {};
  for (const id of isHere ? here : [...here, ...away.slice(0, 1)]) {
    const amounts = byProvider[id] ?? {};
    for (const [name, amount] of Object.entries(amounts)) {
      claims[name] = (claims[name] ?? 0) + amount;
    }
  }
  // Without a claim there is nothing to ask for: the server is gone, or Placement was never told of it.
  if (Object.keys(claims).length === 0) throw new NotFound('allocation of server', serverId);
  return claims;
}

/** CPU features of a host as Nova reports them: a guest that runs with one needs it where it goes. */
function keptCpuTraits(
  placement: Placement,
  { timeoutMs, now }: { timeoutMs: number; now(): number },
): (providerId: string) => Promise<readonly string[]> {
  const kept = new Map<string, { atMs: number; traits: readonly string[] }>();
  return async (providerId) => {
    const known = kept.get(providerId);
    if (known !== undefined && now() - known.atMs < traitsKeptMs) return known.traits;
    const all = await placement.traits(providerId, { timeoutMs });
    const traits = all.filter((trait) => trait.startsWith('HW_CPU_'));
    kept.set(providerId, { atMs: now(), traits });
    return traits;
  };
}
