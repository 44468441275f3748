import { expect, test } from 'vitest';
import { chainDelayMs, topologyOf } from '../src/index.ts';
import { cloud } from '../src/testing/index.ts';

const view = cloud()
  .server('fw', { on: 'h1' })
  .server('ips1', { on: 'h2' })
  .server('ips2', { on: 'h3' })
  .server('web', { on: 'h1' })
  .server('nowhere', { on: null })
  .chain('c', ['fw'], ['ips1', 'ips2'], ['web'])
  .chain('lost', ['fw'], ['nowhere'])
  .link('h1', 'h2', 1)
  .link('h1', 'h3', 3)
  .link('h2', 'h3', 5)
  .build();
const [chain, lost] = view.chains;
const topology = topologyOf(view.links);

test('a chain’s delay is that of its legs, members of a hop counting alike', () => {
  expect(chain && chainDelayMs(view, chain, topology)).toBe(4);
});

test('a member that moves changes the legs around it', () => {
  const moved = (to: string) =>
    chain && chainDelayMs(view, chain, topology, { serverId: 'ips2', to });

  expect(moved('h1')).toBe(1);
  expect(moved('h2')).toBe(2);
});

test('where a member is nowhere, or no way is known, the delay is unknown', () => {
  expect(lost && chainDelayMs(view, lost, topology)).toBe('unknown');
  expect(chain && chainDelayMs(view, chain, topologyOf([]))).toBe('unknown');
});
