/** The part of a networking-sfc flow rule that says where a hop sends its traffic. */
export interface FlowRule {
  portchain_id: string;
  node_type: string;
  /** Service index: 255 at the source of the chain, one less at each hop. */
  nsi: number;
  /** Null at the last hop. */
  next_group_id: number | null;
  next_hops?: readonly { local_endpoint: string }[] | null;
}

/** The rules in force: by host, then by `<rule id>/<port>/<fwd|rev>`. */
export type FlowRules = Readonly<Record<string, Readonly<Record<string, FlowRule>>>>;

/** An instruction that a host's agent was given. */
export interface FlowInstruction {
  seq: number;
  /** Unix time in seconds. */
  at: number;
  op: 'update' | 'delete';
  host: string;
  key: string;
  rule: FlowRule;
}

/** A rule with a group to send to and nobody in it: the agent steers traffic past such a hop. */
export function hasEmptyNextHop(rule: FlowRule): boolean {
  return rule.next_group_id !== null && (rule.next_hops ?? []).length === 0;
}

/** The instructions that left a hop of the chain with an empty next hop, if any did. */
export function emptyNextHops(
  instructions: readonly FlowInstruction[],
  portChainId: string,
): FlowInstruction[] {
  return instructions.filter(
    ({ op, rule }) => op === 'update' && rule.portchain_id === portChainId && hasEmptyNextHop(rule),
  );
}

/** Where a chain's traffic is sent on from: a host and a service index. */
export interface SendingHop {
  portChainId: string;
  host: string;
  nsi: number;
}

/** A time in which a hop that had been sending traffic on had no rule to send it by, so that it passed the next hop by. */
export interface SendingBreak {
  host: string;
  nsi: number;
  /** Null: it has not ended. */
  forMs: number | null;
  /** The rule that went came back, with other members: networking-sfc replaces a rule by deleting it and telling it anew. */
  replaced: boolean;
}

/** The breaks of a hop, in order. */
export function sendingBreaks(
  instructions: readonly FlowInstruction[],
  { portChainId, host, nsi }: SendingHop,
): SendingBreak[] {
  const sending = new Set<string>();
  const breaks: SendingBreak[] = [];
  let broken: FlowInstruction | undefined;
  for (const instruction of instructions) {
    const { at, key, op, rule } = instruction;
    if (instruction.host !== host || rule.portchain_id !== portChainId || rule.nsi !== nsi)
      continue;
    const before = sending.size;
    if (op === 'update' && (rule.next_hops ?? []).length > 0) sending.add(key);
    else sending.delete(key);
    if (before > 0 && sending.size === 0) broken = instruction;
    if (broken === undefined || sending.size === 0) continue;
    const forMs = Math.round((at - broken.at) * 1000);
    breaks.push({ host, nsi, forMs, replaced: broken.op === 'delete' && broken.key === key });
    broken = undefined;
  }
  return broken === undefined ? breaks : [...breaks, { host, nsi, forMs: null, replaced: false }];
}

/** A hop of a path: the hosts of its members; the first hop is the chain's source. */
export type PathHop = readonly { name: string; tunnelIp: string }[];

/** Service index of a chain's source. */
export const SOURCE_INDEX = 255;

/**
 * What is wrong with the rules of a chain whose members are on these hosts: a member's host without a rule, or one that
 * sends elsewhere than to the next hop's hosts. Rules that a moved member left on its old host are not looked at: nothing
 * is sent there. An empty list means that the chain is whole.
 */
export function pathFaults(
  rules: FlowRules,
  portChainId: string,
  path: readonly PathHop[],
): string[] {
  return path.flatMap((hop, index) => {
    const nsi = SOURCE_INDEX - index;
    const wanted = path[index + 1]?.map(({ tunnelIp }) => tunnelIp) ?? [];
    return hop.flatMap(({ name }) =>
      hostFaults(rules[name] ?? {}, { portChainId, nsi, name, wanted }),
    );
  });
}

interface Expected {
  portChainId: string;
  nsi: number;
  name: string;
  wanted: readonly string[];
}

function hostFaults(rules: Readonly<Record<string, FlowRule>>, expected: Expected): string[] {
  const { portChainId, nsi, name, wanted } = expected;
  const own = Object.values(rules).filter(
    (rule) => rule.portchain_id === portChainId && rule.nsi === nsi,
  );
  if (own.length === 0) return [`${name} has no rule for index ${nsi}`];
  const targets = own.map((rule) => (rule.next_hops ?? []).map((hop) => hop.local_endpoint));
  const right = targets.some((sentTo) => sameSet(sentTo, wanted));
  if (right) return [];
  const sent = targets.map((sentTo) => sentTo.join('+') || 'nobody').join(' or ');
  return [`${name} at index ${nsi} sends to ${sent}, not to ${wanted.join('+') || 'nobody'}`];
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return [...new Set(left)].sort().join() === [...new Set(right)].sort().join();
}
