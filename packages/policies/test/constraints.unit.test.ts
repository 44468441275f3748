import { cloud } from '@sidestep/fleet/testing';
import { describe, expect, test } from 'vitest';
import { possibleDestinations } from '../src/constraints.ts';

describe('possible destinations', () => {
  test('the source is no destination, and every other host that fits is one', () => {
    const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2').host('h3').build();

    expect(possibleDestinations(view, 's1')).toEqual({ candidates: ['h2', 'h3'], rejected: [] });
  });

  test.each([
    ['a host that is down', { state: 'down' }, 'host-down'],
    ['a disabled host', { status: 'disabled' }, 'host-disabled'],
    ['a host of unknown load', { cpuPercent: 'unknown' }, 'load-unknown'],
    ['a host without vCPUs left', { capacity: { vcpus: 4, vcpusUsed: 4 } }, 'no-room'],
    ['a host without RAM left', { capacity: { ramMiB: 4_096 } }, 'no-room'],
    ['a host without disk left', { capacity: { diskGiB: 10 } }, 'no-room'],
  ] as const)('%s is none, and the reason is told', (_case, parts, why) => {
    const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2', parts).build();

    const { candidates, rejected } = possibleDestinations(view, 's1');

    expect(candidates).toEqual([]);
    expect(rejected).toMatchObject([{ hostId: 'h2', why }]);
  });

  test('a host with another member of an anti-affinity group is none', () => {
    const view = cloud()
      .host('h1')
      .server('s1', { on: 'h1' })
      .host('h2')
      .server('s2', { on: 'h2' })
      .host('h3')
      .group('anti-affinity', 's1', 's2')
      .build();

    expect(possibleDestinations(view, 's1')).toMatchObject({
      candidates: ['h3'],
      rejected: [{ hostId: 'h2', why: 'anti-affinity' }],
    });
  });

  test('a member of an affinity group goes only where the others are', () => {
    const view = cloud()
      .host('h1')
      .server('s1', { on: 'h1' })
      .host('h2')
      .server('s2', { on: 'h2' })
      .host('h3')
      .group('affinity', 's1', 's2')
      .build();

    expect(possibleDestinations(view, 's1')).toMatchObject({
      candidates: ['h2'],
      rejected: [{ hostId: 'h3', why: 'affinity' }],
    });
  });

  test('a soft group forbids nothing', () => {
    const view = cloud()
      .host('h1')
      .server('s1', { on: 'h1' })
      .host('h2')
      .server('s2', { on: 'h2' })
      .group('soft-anti-affinity', 's1', 's2')
      .build();

    expect(possibleDestinations(view, 's1').candidates).toEqual(['h2']);
  });

  test('only the hosts that were asked about are answered, unknown ones as rejected', () => {
    const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2').host('h3').build();

    expect(possibleDestinations(view, 's1', ['h3', 'nowhere', 'h3'])).toMatchObject({
      candidates: ['h3'],
      rejected: [{ hostId: 'nowhere', why: 'host-unknown' }],
    });
  });
});
