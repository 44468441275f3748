import { type ChainGoal, nextChainStep, type Owned } from './chain-plan.ts';
import { after, type Made, type SfcWorld, type Step } from './sfc-world.ts';

/** More calls than any change of a chain within the contract's bounds takes. */
export const maxSteps = 20_000;

/** The calls that a change will make, or why it cannot be made: known before the first of them. */
export function dryRun(
  world: SfcWorld,
  goal: ChainGoal,
  owned: Owned,
): { kind: 'possible'; steps: Step[] } | { kind: 'impossible'; why: string } {
  const steps: Step[] = [];
  let imagined = world;
  let towards = goal;
  while (steps.length < maxSteps) {
    const next = nextChainStep(imagined, towards, owned);
    if (next.kind === 'done') return { kind: 'possible', steps };
    if (next.kind === 'impossible') return next;
    const made = imagine(next.step, `imagined-${steps.length}`, imagined);
    imagined = after(imagined, next.step, made);
    if (made.kind === 'chain' && towards.kind === 'present')
      towards = { ...towards, chainId: made.chain.id };
    steps.push(next.step);
  }
  return { kind: 'impossible', why: 'it takes too many calls' };
}

function imagine(step: Step, id: string, world: SfcWorld): Made {
  switch (step.do) {
    case 'create-pair':
      return { kind: 'pair', pair: { id, name: step.name, ...step.member } };
    case 'create-group':
      return {
        kind: 'group',
        group: { id, name: step.name, portPairIds: step.pairIds, tapEnabled: false },
      };
    case 'set-group': {
      const group = world.groups.find((each) => each.id === step.id);
      return group === undefined
        ? { kind: 'nothing' }
        : { kind: 'group', group: { ...group, portPairIds: step.pairIds } };
    }
    case 'create-chain':
      return {
        kind: 'chain',
        chain: {
          id,
          name: step.name,
          portPairGroupIds: step.groupIds,
          flowClassifierIds: step.classifierIds,
          parameters: { symmetric: step.symmetric, correlation: 'mpls' },
        },
      };
    case 'set-chain': {
      const chain = world.chains.find((each) => each.id === step.id);
      return chain === undefined
        ? { kind: 'nothing' }
        : {
            kind: 'chain',
            chain: {
              ...chain,
              portPairGroupIds: step.groupIds,
              flowClassifierIds: step.classifierIds,
            },
          };
    }
    default:
      return { kind: 'nothing' };
  }
}
