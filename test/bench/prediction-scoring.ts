import { type FleetSeries, type TrainedModel, WarmFleet } from '@sidestep/forecast';
import { medianOf } from './statistics.ts';

/** How long the ticks of a fleet took, in milliseconds. */
export type ScoringTimes = {
  hosts: number;
  historyTicks: number;
  coldMs: number;
  medianMs: number;
  /** Median of the processor's time, whatever else the machine does. */
  cpuMs: number;
  highestMs: number;
  ticks: number;
  /** 512 (VNF, host) pairs after a tick: 8 VNFs on each of 64 hosts. */
  pairsMs: number;
  residentMiB: number;
};

/** Samples that the service keeps in memory at most, by its default. */
const windowMaxSamples = 20_000_000;
const warmUpTicks = 5;
const measuredTicks = 31;
/** Ticks that the service reads again for samples that came late. */
const lateTicks = 2;
const pairVnfs = 8;
const pairHosts = 64;

/** A large fleet made of a small one: each host is one of its hosts, shifted in time by whole ticks. */
function tiled(fleet: FleetSeries, hosts: number, ticks: number): FleetSeries {
  const width = fleet.metrics.length;
  const values = new Float32Array(ticks * hosts * width);
  for (let host = 0; host < hosts; host += 1) {
    const model = host % fleet.hosts.length;
    const shift = (Math.floor(host / fleet.hosts.length) * 37) % fleet.ticks;
    for (let tick = 0; tick < ticks; tick += 1) {
      const from = (((tick + shift) % fleet.ticks) * fleet.hosts.length + model) * width;
      const to = (tick * hosts + host) * width;
      for (let metric = 0; metric < width; metric += 1)
        values[to + metric] = fleet.values[from + metric] ?? Number.NaN;
    }
  }
  return {
    ...fleet,
    hosts: Array.from({ length: hosts }, (_, host) => `host${host}`),
    ticks,
    values,
  };
}

/** Follows a fleet tick by tick as the service does, and scores each tick with the 32 highest risks explained. */
export function measureScoring(
  model: TrainedModel,
  fleet: FleetSeries,
  hosts: number,
): ScoringTimes {
  const affordable = Math.floor(windowMaxSamples / (hosts * fleet.metrics.length));
  const historyTicks = Math.min(model.info.historyTicks, affordable);
  const steps = warmUpTicks + measuredTicks;
  const all = tiled(fleet, hosts, historyTicks + steps);
  const perTick = hosts * fleet.metrics.length;
  const warm = new WarmFleet(historyTicks);
  const tickTimes: number[] = [];
  const cpuTimes: number[] = [];
  const pairTimes: number[] = [];
  let coldMs = 0;
  for (let step = 0; step <= steps; step += 1) {
    const series: FleetSeries = {
      ...all,
      firstTickAtMs: all.firstTickAtMs + step * all.tickMs,
      ticks: historyTicks,
      values: all.values.subarray(step * perTick, (step + historyTicks) * perTick),
    };
    const newest = historyTicks - 1;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    warm.follow(series, series.firstTickAtMs + (newest - lateTicks) * series.tickMs);
    const scores = model.score(series, newest);
    const tookMs = performance.now() - startedAt;
    const cpu = process.cpuUsage(cpuBefore);
    if (scores.every(({ risk }) => risk === 'unknown')) throw new Error('nothing was scored');
    if (step === 0) coldMs = tookMs;
    if (step <= warmUpTicks) continue;
    tickTimes.push(tookMs);
    cpuTimes.push((cpu.user + cpu.system) / 1000);
    const pairs = Array.from({ length: pairHosts * pairVnfs }, (_, pair) => ({
      hostIndex: (Math.floor(pair / pairVnfs) * 13 + step) % hosts,
      addedCpuPercent: 2 + (pair % pairVnfs) * 4,
    }));
    const askedAt = performance.now();
    model.scorePairs(series, newest, pairs);
    pairTimes.push(performance.now() - askedAt);
  }
  return {
    hosts,
    historyTicks,
    coldMs,
    medianMs: medianOf(tickTimes),
    cpuMs: medianOf(cpuTimes),
    highestMs: Math.max(...tickTimes),
    ticks: tickTimes.length,
    pairsMs: medianOf(pairTimes),
    residentMiB: process.memoryUsage().rss / 1024 ** 2,
  };
}
