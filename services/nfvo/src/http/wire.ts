import type { nfvo } from '@sidestep/contracts';
import { containerLimits } from '../domain/container-limits.ts';
import type { HopOptions } from '../domain/hop-options.ts';
import type { Probed } from '../ports/chain-prober.ts';
import type { ListedContainer } from '../usecases/containers.ts';
import type { DescribedHop } from '../usecases/describe-chain.ts';
import { type ChainRecord, noSla, type Sla } from '../usecases/documents.ts';
import type { DrainDocument } from '../usecases/drain-document.ts';
import type { ListedChain } from '../usecases/list-chains.ts';
import type { RepathDocument } from '../usecases/repath-document.ts';
import type { ListedSfcr, NewSfcr } from '../usecases/sfcrs.ts';
import type { StandbyDocument } from '../usecases/standby-document.ts';

type Schemas = nfvo.components['schemas'];

/** Undefined properties left out: the contract knows absence, not undefined. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export function newSfcr(spec: Schemas['SfcrSpec']): NewSfcr {
  return {
    name: spec.name,
    sourceClient: spec.source_client,
    destinationClient: spec.destination_client ?? null,
    traffic: {
      srcIpPrefix: spec.src_ip_prefix,
      dstIpPrefix: spec.dst_ip_prefix,
      srcPortMin: spec.src_port_min,
      srcPortMax: spec.src_port_max,
      dstPortMin: spec.dst_port_min,
      dstPortMax: spec.dst_port_max,
      proto: spec.proto,
    },
    kept: {
      bw: spec.bw ?? null,
      delay: spec.delay ?? null,
      duration: spec.duration ?? null,
      nfChain: spec.nf_chain ?? [],
    },
  };
}

export function sfcrOnWire(listed: ListedSfcr): Schemas['Sfcr'] {
  const { classifier, record } = listed;
  return {
    id: classifier.id,
    name: classifier.name,
    source_client: listed.sourceClient,
    destination_client: listed.destinationClient,
    src_ip_prefix: classifier.sourceIpPrefix,
    dst_ip_prefix: classifier.destinationIpPrefix,
    src_port_min: classifier.sourcePortMin,
    src_port_max: classifier.sourcePortMax,
    dst_port_min: classifier.destinationPortMin,
    dst_port_max: classifier.destinationPortMax,
    proto: classifier.protocol,
    bw: record?.bw ?? null,
    delay: record?.delay ?? null,
    duration: record?.duration ?? null,
    nf_chain: [...(record?.nfChain ?? [])],
    arrivaltime: record?.arrivedAt ?? null,
  };
}

export function sfcOnWire({ chain, record, hops }: ListedChain): Schemas['Sfc'] {
  return {
    id: chain.id,
    sfc_name: chain.name,
    sfcr_ids: [...chain.flowClassifierIds],
    vnf_instance_ids: hops.map((hop) => [...hop]),
    is_symmetric: chain.parameters.symmetric,
    on_gap: record?.onGap ?? 'closed',
    hop_options: (record?.hopOptions ?? []).map(({ onGap, stateless }) =>
      given({ on_gap: onGap, stateless }),
    ),
    sla: slaOnWire(record?.sla ?? noSla),
  };
}

export function describedOnWire({
  listed,
  hops,
}: {
  readonly listed: ListedChain;
  readonly hops: readonly DescribedHop[];
}): Schemas['Sfc'] {
  return {
    ...sfcOnWire(listed),
    hops: hops.map(({ groupId, onGap, stateless, members }) => ({
      port_pair_group_id: groupId,
      on_gap: onGap,
      stateless,
      members: members.map(({ hostId, ...member }) => ({ ...member, host_id: hostId })),
    })),
  };
}

export function slaOf(spec: Schemas['SlaSpec']): Sla {
  return {
    bandwidthMbps: spec.bandwidth_mbps ?? null,
    delayMs: spec.delay_ms ?? null,
    ...given({ criticality: spec.criticality }),
  };
}

/** What a chain promises; nothing where it promises nothing. */
export function promiseOnWire(
  chainId: string,
  { sla = noSla }: ChainRecord,
): Schemas['ChainPromise'][] {
  const { bandwidthMbps, delayMs, criticality } = sla;
  const said = [bandwidthMbps ?? undefined, delayMs ?? undefined, criticality];
  return said.every((each) => each === undefined) ? [] : [{ sfc_id: chainId, sla: slaOnWire(sla) }];
}

function slaOnWire({ bandwidthMbps, delayMs, criticality }: Sla): Schemas['Sla'] {
  return { bandwidth_mbps: bandwidthMbps, delay_ms: delayMs, ...given({ criticality }) };
}

export function probedOnWire(chainId: string, probed: Probed): Schemas['ProbeResult'] {
  return probed.outcome === 'none'
    ? { chainId, probe: null, kind: null, tookMs: null, ...probed }
    : { chainId, ...probed };
}

export function hopOptions(options: readonly Schemas['HopOptions'][]): HopOptions[] {
  return options.map(({ on_gap, stateless }) => given({ onGap: on_gap, stateless }));
}

export function repathOnWire(id: string, document: RepathDocument): Schemas['Repath'] {
  const { startedAtMs, endedAtMs } = document;
  return {
    id,
    serverId: document.serverId,
    state: document.state,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    durationMs: endedAtMs === null ? null : Math.max(0, endedAtMs - startedAtMs),
    hops: document.hops.map(({ work, chainIds, method, state, ...times }) => ({
      portPairGroupId: work.groupId,
      chainIds: [...chainIds],
      onGap: work.onGap,
      method,
      state,
      gapMs: times.gapMs,
      bypassMs: times.bypassMs,
      outMs: times.outMs,
    })),
    ends: document.ends.map(({ chainId, onGap, state, gapMs, bypassMs }) => ({
      chainId,
      onGap,
      state,
      gapMs,
      bypassMs,
    })),
    problem: document.problem,
  };
}

export function drainOnWire(id: string, document: DrainDocument): Schemas['Drain'] {
  const { serverId, state, startedAtMs, endedAtMs, hops, problem } = document;
  return {
    id,
    serverId,
    state,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    hops: hops.map((hop) => ({
      portPairGroupId: hop.work.groupId,
      chainIds: [...hop.chainIds],
      state: hop.state === 'asked' ? 'pending' : hop.state,
      why: hop.why,
    })),
    problem,
  };
}

export function standbyOnWire(id: string, document: StandbyDocument): Schemas['Standby'] {
  const { serverId, state, chainId, hostId, standbyServerId, problem } = document;
  const { startedAtMs, endedAtMs } = document;
  return {
    id,
    serverId,
    state,
    chainId,
    hostId,
    standbyServerId,
    startedAt: new Date(startedAtMs).toISOString(),
    endedAt: endedAtMs === null ? null : new Date(endedAtMs).toISOString(),
    problem,
  };
}

export function containerOnWire({ container, chainIds }: ListedContainer): Schemas['Container'] {
  const { id, name, status, host, image } = container;
  const cannot = containerLimits.map((limit) => ({ ...limit }));
  return { id, name, status, hostId: host, image, chainIds: [...chainIds], cannot };
}
