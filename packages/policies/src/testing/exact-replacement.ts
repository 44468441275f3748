import { type Compact, compact, rowOf } from '../replacement/compact.ts';
import type { ReplacementOptions, ReplacementProblem } from '../replacement/index.ts';

/**
 * The same problem as a mixed-integer program in CPLEX's LP format, for a solver that proves its answer. Its optimum is
 * the least objective of any placement within the budget, whether or not there is an order of moves that leads there.
 */
export function exactReplacement(problem: ReplacementProblem, options: ReplacementOptions): string {
  const model = new Model();
  const numbers = compact(problem, options);
  const places = numbers.servers.map((_, server) => placesOf(numbers, server));
  placeOnce(model, numbers, places);
  capacities(model, numbers, places);
  apart(model, numbers, places);
  risks(model, numbers, places);
  delays(model, numbers, places);
  return model.text();
}

type Term = readonly [coefficient: number, variable: string];
/** By server: the hosts where it may stand. */
type Places = readonly (readonly number[])[];

class Model {
  readonly #objective: Term[] = [];
  readonly #rows: string[] = [];
  readonly #binaries: string[] = [];

  minimise(coefficient: number, variable: string): void {
    this.#objective.push([coefficient, variable]);
  }

  demand(terms: readonly Term[], relation: '<=' | '>=' | '=', right: number): void {
    if (terms.length > 0) this.#rows.push(` ${sumOf(terms)} ${relation} ${right}`);
  }

  binary(variable: string): void {
    this.#binaries.push(variable);
  }

  text(): string {
    return [
      'Minimize',
      ` obj: ${sumOf(this.#objective)}`,
      'Subject To',
      ...this.#rows.map((row, at) => ` r${at}:${row}`),
      'Binary',
      ...this.#binaries.map((name) => ` ${name}`),
      'End',
    ].join('\n');
  }
}

function sumOf(terms: readonly Term[]): string {
  return terms
    .map(([factor, variable]) => `${factor < 0 ? '-' : '+'} ${Math.abs(factor)} ${variable}`)
    .join('\n  ');
}

const x = (server: number, host: number): string => `x_${server}_${host}`;

function placesOf({ avoids, home, hosts, servers }: Compact, server: number): number[] {
  const homeHost = home[server] ?? 0;
  if (servers[server]?.fixed !== null) return [homeHost];
  return hosts.flatMap(({ closed }, host) =>
    host === homeHost || (closed === null && !avoids(server, host)) ? [host] : [],
  );
}

function placeOnce(model: Model, { home, options, servers }: Compact, places: Places): void {
  const away: Term[] = [];
  for (const server of servers.keys()) {
    const at = places[server] ?? [];
    for (const host of at) {
      model.binary(x(server, host));
      if (host === home[server]) continue;
      away.push([1, x(server, host)]);
      model.minimise(options.weights.move, x(server, host));
    }
    model.demand(
      at.map((host): Term => [1, x(server, host)]),
      '=',
      1,
    );
  }
  model.demand(away, '<=', options.moveBudget);
}

/** What arrives less what leaves; what leaves is 1 less what stays. */
function balance(
  { home, servers }: Compact,
  places: Places,
  host: number,
  arrive: (server: number) => number,
  leave: (server: number) => number,
): { terms: Term[]; constant: number } {
  const terms: Term[] = [];
  let constant = 0;
  for (const server of servers.keys()) {
    if (!places[server]?.includes(host)) continue;
    if (home[server] === host) {
      terms.push([leave(server), x(server, host)]);
      constant -= leave(server);
    } else terms.push([arrive(server), x(server, host)]);
  }
  return { terms, constant };
}

function capacities(model: Model, numbers: Compact, places: Places): void {
  for (const [host, { free }] of numbers.hosts.entries()) {
    for (const what of ['vcpus', 'ramMiB', 'diskGiB'] as const) {
      const need = (server: number) => numbers.servers[server]?.[what] ?? 0;
      const { terms, constant } = balance(numbers, places, host, need, need);
      model.demand(terms, '<=', free[what] - constant);
    }
  }
}

function apart(model: Model, { groups, home, hosts, problem }: Compact, places: Places): void {
  for (const group of problem.apart.keys()) {
    const members = [...rowOf(groups, group)];
    for (const [at, one] of members.entries()) {
      for (const other of members.slice(at + 1)) {
        for (const host of hosts.keys()) {
          if (home[one] === host && home[other] === host) continue;
          if (!places[one]?.includes(host) || !places[other]?.includes(host)) continue;
          model.demand(
            [
              [1, x(one, host)],
              [1, x(other, host)],
            ],
            '<=',
            1,
          );
        }
      }
    }
  }
}

/** Beyond the grid the risk stays what it is at its end. */
const farPercent = 10_000;

/** Each host's risk is a broken line over the load: a mix of two neighbouring corners. */
function risks(model: Model, numbers: Compact, places: Places): void {
  const { arriveCores, grid, hosts, leaveCores, options } = numbers;
  const corners = [-farPercent, ...grid, farPercent];
  for (const [host, { cores }] of hosts.entries()) {
    const own = numbers.risks.subarray(host * grid.length, (host + 1) * grid.length);
    const first = own[0] ?? NaN;
    if (Number.isNaN(first)) continue;
    const levels = [first, ...own, own.at(-1) ?? first];
    const share = (all: Float64Array) => (server: number) => (100 * (all[server] ?? 0)) / cores;
    const load = balance(numbers, places, host, share(arriveCores), share(leaveCores));
    const corner = (at: number) => `l_${host}_${at}`;
    const piece = (at: number) => `z_${host}_${at}`;
    for (const at of corners.keys())
      model.minimise(options.weights.risk * (levels[at] ?? 0), corner(at));
    const all = corners.map((_, at): Term => [1, corner(at)]);
    model.demand(all, '=', 1);
    model.demand(
      [
        ...corners.map((percent, at): Term => [percent, corner(at)]),
        ...load.terms.map(([factor, name]): Term => [-factor, name]),
      ],
      '=',
      load.constant,
    );
    for (const at of corners.keys()) {
      const pieces = [at - 1, at].filter((each) => each >= 0 && each < corners.length - 1);
      model.demand([[1, corner(at)], ...pieces.map((each): Term => [-1, piece(each)])], '<=', 0);
      if (at < corners.length - 1) model.binary(piece(at));
    }
    model.demand(
      corners.slice(1).map((_, at): Term => [1, piece(at)]),
      '=',
      1,
    );
    // A host that somebody comes to ends below the highest risk.
    const most = highestLoad(corners, levels, options.maxRisk);
    for (const [server, at] of places.entries()) {
      if (!at.includes(host) || numbers.home[server] === host) continue;
      model.demand(
        [...load.terms, [2 * farPercent, x(server, host)]],
        '<=',
        most - load.constant + 2 * farPercent,
      );
    }
  }
}

/** The most added load, percent, at which a rising broken line is not above a level. */
function highestLoad(corners: readonly number[], levels: readonly number[], level: number): number {
  let most = -2 * farPercent;
  for (const [at, here] of levels.entries()) {
    const percent = corners[at] ?? 0;
    if (here <= level) most = percent;
    else {
      const before = levels[at - 1] ?? here;
      const from = corners[at - 1] ?? percent;
      if (before <= level) most = from + ((level - before) * (percent - from)) / (here - before);
      break;
    }
  }
  return most;
}

/** A leg's delay by the two hosts of its ends, as a flow from the one's host to the other's. */
function delays(
  model: Model,
  { delayMs, legs, legWeights, options, servers }: Compact,
  places: Places,
): void {
  for (const one of servers.keys()) {
    for (let at = legs.starts[one] ?? 0; at < (legs.starts[one + 1] ?? 0); at++) {
      const other = legs.items[at] ?? 0;
      if (other < one) continue;
      const weight = (legWeights[at] ?? 0) * options.weights.delayMs;
      const y = (from: number, to: number) => `y_${at}_${from}_${to}`;
      const starts = places[one] ?? [];
      const ends = places[other] ?? [];
      for (const from of starts) {
        for (const to of ends) {
          if (from !== to) model.minimise(weight * delayMs(from, to), y(from, to));
        }
        model.demand([...ends.map((to): Term => [1, y(from, to)]), [-1, x(one, from)]], '=', 0);
      }
      for (const to of ends) {
        model.demand([...starts.map((from): Term => [1, y(from, to)]), [-1, x(other, to)]], '=', 0);
      }
    }
  }
}
