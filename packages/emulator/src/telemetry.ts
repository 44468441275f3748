import { createSocket, type Socket } from 'node:dgram';
import { type EncodableValue, encodeDatagrams } from '@sidestep/collectd';
import type { Clock } from './clock.ts';
import type { CollectdTarget } from './emulator-types.ts';
import type { ChainLoad, HostLoad, LoadSnapshot, ServerLoad } from './load/load-model.ts';

/** Sends datagrams somewhere, and stops. */
export interface DatagramSink {
  send(datagram: Uint8Array): void;
  close(): void;
}

/** Sends over UDP; what cannot be sent is lost, as collectd's network plugin does. */
export function udpSink(target: { address: string; port: number }): DatagramSink {
  const socket: Socket = createSocket(target.address.includes(':') ? 'udp6' : 'udp4');
  socket.on('error', () => undefined);
  socket.unref();
  return {
    send: (datagram) => socket.send(datagram, target.port, target.address, () => undefined),
    close: () => socket.close(),
  };
}

/** Collectd's name for the probes at the chains' ends. */
export const chainProbeHost = 'chain-probe';

/** Datagrams sent at once; more are spread, or they would overflow the receiver's buffer. */
const BURST = 32;

/** Values of chains that are packed together. */
const PROBES_AT_ONCE = 512;

function* everyNth<T>(items: readonly T[], step: number, from: number): Generator<T> {
  for (let at = from; at < items.length; at += step) {
    const item = items[at];
    if (item !== undefined) yield item;
  }
}

const gauge = (value: number): EncodableValue => ({ kind: 'gauge', value });
const derive = (value: number): EncodableValue => ({ kind: 'derive', value: Math.floor(value) });

interface Counters {
  rx: number;
  tx: number;
  read: number;
  write: number;
}

interface Averages {
  short: number;
  mid: number;
  long: number;
}

type ValueList = Parameters<typeof encodeDatagrams>[0] extends Iterable<infer T> ? T : never;

/** Who reports, of when, and how often. */
type Reported = Pick<ValueList, 'host' | 'timeMs' | 'intervalMs'>;

/** Turns load into what collectd would send of it: its counters and load averages live here. */
export class Telemetry {
  readonly #counters = new Map<string, Counters>();
  readonly #averages = new Map<string, Averages>();
  #reports = 0;
  /** Datagrams of the snapshot that is being sent. */
  #sending: Iterator<Uint8Array, void> = [].values();
  /** How many there were last time, by turn: over so many the interval is spread. */
  readonly #expected: number[] = [];
  readonly #target: Omit<CollectdTarget, 'address' | 'port'>;
  readonly #sinks: readonly DatagramSink[];
  readonly #clock: Clock;
  readonly #ramMiB: (resource: string) => number;
  readonly #isSilent: (resource: string) => boolean;
  readonly #seal: (datagram: Buffer) => Uint8Array;

  constructor(options: {
    target: Omit<CollectdTarget, 'address' | 'port'>;
    sinks: readonly DatagramSink[];
    clock: Clock;
    ramMiB: (resource: string) => number;
    isSilent: (resource: string) => boolean;
    seal: (datagram: Buffer) => Uint8Array;
  }) {
    this.#target = options.target;
    this.#sinks = options.sinks;
    this.#clock = options.clock;
    this.#ramMiB = options.ramMiB;
    this.#isSilent = options.isSilent;
    this.#seal = options.seal;
  }

  /** Reports a snapshot; `sinceMs` is the time since the one before. Of servers and chains those report whose turn it is. */
  report(load: LoadSnapshot, sinceMs: number): void {
    // What the snapshot before has left, on a machine that is late, comes first.
    this.#send(Number.POSITIVE_INFINITY);
    const turns = Math.max(1, Math.round(this.#serverIntervalMs / this.#intervalMs));
    const turn = this.#reports % turns;
    this.#reports += 1;
    // Mostly a resource has one datagram; how many there were the last time tells better.
    const few = load.hosts.length + (load.servers.length + load.chains.length / 8) / turns;
    const bursts = Math.ceil((this.#expected[turn] ?? few) / BURST);
    const gapMs = (0.8 * this.#intervalMs) / Math.max(1, bursts);
    const sending = this.#datagrams(load, sinceMs, turns, turn);
    this.#sending = sending;
    const burst = (): void => {
      if (this.#sending === sending && this.#send(BURST)) this.#clock.after(gapMs, burst);
    };
    burst();
  }

  close(): void {
    for (const sink of this.#sinks) sink.close();
  }

  /** Makes and sends so many datagrams, each only now: all at once would keep the cloud's APIs waiting. False after the last. */
  #send(most: number): boolean {
    for (let count = 0; count < most; count += 1) {
      const next = this.#sending.next();
      if (next.done === true) return false;
      for (const sink of this.#sinks) sink.send(next.value);
    }
    return true;
  }

  *#datagrams(
    load: LoadSnapshot,
    sinceMs: number,
    turns: number,
    turn: number,
  ): Generator<Uint8Array, void> {
    let count = 0;
    for (const datagram of this.#reportOf(load, sinceMs, turns, turn)) {
      count += 1;
      yield datagram;
    }
    this.#expected[turn] = count;
  }

  *#reportOf(
    load: LoadSnapshot,
    sinceMs: number,
    turns: number,
    turn: number,
  ): Generator<Uint8Array, void> {
    for (const host of load.hosts)
      if (host.up && !this.#isSilent(host.host))
        yield* this.#sealed(this.#hostLists(host, load.timeMs, sinceMs));
    if (this.#target.servers === false) return;
    const base = { timeMs: load.timeMs, intervalMs: this.#serverIntervalMs };
    for (const server of everyNth(load.servers, turns, turn))
      if (server.host !== 'nowhere' && !this.#isSilent(server.id))
        yield* this.#sealed(
          this.#machineLists({ ...base, host: server.id }, server, turns * sinceMs),
        );
    let probes: ValueList[] = [];
    for (const chain of everyNth(load.chains, turns, turn)) {
      if (this.#isSilent(chain.id)) continue;
      probes.push(...this.#chainLists(chain, load.timeMs));
      if (probes.length < PROBES_AT_ONCE) continue;
      yield* this.#sealed(probes);
      probes = [];
    }
    yield* this.#sealed(probes);
  }

  *#sealed(lists: readonly ValueList[]): Generator<Uint8Array, void> {
    for (const datagram of encodeDatagrams(lists)) yield this.#seal(datagram);
  }

  get #intervalMs(): number {
    return this.#target.intervalMs ?? 1000;
  }

  get #serverIntervalMs(): number {
    return this.#target.serverIntervalMs ?? this.#intervalMs;
  }

  #hostLists(host: HostLoad, timeMs: number, sinceMs: number): ValueList[] {
    const base = { host: host.host, timeMs, intervalMs: this.#intervalMs };
    const averages = this.#averages.get(host.host) ?? {
      short: host.demandCores,
      mid: host.demandCores,
      long: host.demandCores,
    };
    this.#averages.set(host.host, averages);
    // The kernel's own exponential averages over 1, 5 and 15 minutes.
    for (const [key, minutes] of [
      ['short', 1],
      ['mid', 5],
      ['long', 15],
    ] as const) {
      const keep = Math.exp(-sinceMs / (minutes * 60_000));
      averages[key] = averages[key] * keep + host.demandCores * (1 - keep);
    }
    const values = [gauge(averages.short), gauge(averages.mid), gauge(averages.long)];
    return [
      ...this.#machineLists(base, host, sinceMs),
      { ...base, plugin: 'load', type: 'load', values },
    ];
  }

  /** CPU, memory, disk and network, of a host or from inside a server. */
  #machineLists(
    base: Reported,
    load: Omit<ServerLoad, 'id' | 'host'>,
    sinceMs: number,
  ): ValueList[] {
    const resource = base.host;
    const busy = load.cpuPercent;
    const cpu = { ...base, plugin: 'cpu', type: 'percent' };
    const states: readonly (readonly [string, number])[] = [
      ['user', busy * 0.72],
      ['system', busy * 0.22],
      ['wait', busy * 0.02],
      ['nice', 0],
      ['interrupt', 0],
      ['softirq', busy * 0.04],
      ['steal', 0],
      ['idle', 100 - busy],
    ];
    const totalBytes = this.#ramMiB(resource) * 1024 * 1024;
    const used = (totalBytes * load.memPercent) / 100;
    const memory = { ...base, plugin: 'memory', type: 'memory' };
    const counters = this.#count(resource, load, sinceMs);
    const disk = { ...base, plugin: 'disk', pluginInstance: 'vda', type: 'disk_octets' };
    const net = { ...base, plugin: 'interface', pluginInstance: 'eno1', type: 'if_octets' };
    return [
      ...states.map(([typeInstance, value]) => ({ ...cpu, typeInstance, values: [gauge(value)] })),
      { ...memory, typeInstance: 'used', values: [gauge(used)] },
      { ...memory, typeInstance: 'cached', values: [gauge((totalBytes - used) * 0.2)] },
      { ...memory, typeInstance: 'free', values: [gauge((totalBytes - used) * 0.8)] },
      { ...memory, type: 'percent', typeInstance: 'used', values: [gauge(load.memPercent)] },
      { ...disk, values: [derive(counters.read), derive(counters.write)] },
      { ...net, values: [derive(counters.rx), derive(counters.tx)] },
    ];
  }

  #count(resource: string, load: Omit<ServerLoad, 'id' | 'host'>, sinceMs: number): Counters {
    const counters = this.#counters.get(resource) ?? { rx: 0, tx: 0, read: 0, write: 0 };
    this.#counters.set(resource, counters);
    const seconds = sinceMs / 1000;
    counters.rx += load.netRxBytesPerSecond * seconds;
    counters.tx += load.netTxBytesPerSecond * seconds;
    counters.read += load.diskReadBytesPerSecond * seconds;
    counters.write += load.diskWriteBytesPerSecond * seconds;
    return counters;
  }

  #chainLists(chain: ChainLoad, timeMs: number): ValueList[] {
    const base = {
      host: chainProbeHost,
      timeMs,
      intervalMs: this.#serverIntervalMs,
      plugin: 'chain',
      pluginInstance: chain.id,
      type: 'gauge',
    };
    const rate = {
      ...base,
      typeInstance: 'requests_per_second',
      values: [gauge(chain.requestsPerSecond)],
    };
    // Nothing answered is no response time, not one of 0.
    if (chain.responseTimeMs === 'unknown') return [rate];
    return [
      rate,
      { ...base, typeInstance: 'response_time_ms', values: [gauge(chain.responseTimeMs)] },
    ];
  }
}
