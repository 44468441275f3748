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
    ['a host of suspect data', { quality: 'suspect' }, 'data-suspect'],
    ['a host of unknown data', { quality: 'unknown' }, 'data-unknown'],
    ['a host of another zone', { zone: 'az2' }, 'zone'],
    ['a host of no zone', { zone: null }, 'zone'],
    ['a host without vCPUs left', { capacity: { vcpus: 4, vcpusUsed: 4 } }, 'no-room'],
    ['a host without RAM left', { capacity: { ramMiB: 4_096 } }, 'no-room'],
    ['a host without disk left', { capacity: { diskGiB: 10 } }, 'no-room'],
  ] as const)('%s is none, and the reason is told', (_case, parts, why) => {
    const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2', parts).build();

    const { candidates, rejected } = possibleDestinations(view, 's1');

    expect(candidates).toEqual([]);
    expect(rejected).toMatchObject([{ hostId: 'h2', why }]);
  });

  test('a host whose disks are storage that all hosts share is none for want of disk', () => {
    const shared = { capacity: { diskGiB: 0, diskUsedGiB: 0 } };
    const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2', shared).build();

    expect(possibleDestinations(view, 's1').candidates).toEqual(['h2']);
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

  test('a host with another member of the same hop is none, one with a member of another hop is', () => {
    const view = cloud()
      .host('h1')
      .server('s1', { on: 'h1' })
      .host('h2')
      .server('twin', { on: 'h2' })
      .host('h3')
      .server('next', { on: 'h3' })
      .chain('c', ['s1', 'twin'], ['next'])
      .build();

    expect(possibleDestinations(view, 's1')).toMatchObject({
      candidates: ['h3'],
      rejected: [{ hostId: 'h2', why: 'hop-member' }],
    });
  });

  test('a server whose flavor asks for an aggregate goes only to hosts of it', () => {
    const extraSpecs = { 'aggregate_instance_extra_specs:disk': 'ssd' };
    const facts = { locked: false, localDisk: true, extraSpecs, vnicTypes: ['normal'] };
    const view = cloud()
      .host('h1')
      .server('s1', { on: 'h1', facts })
      .host('h2', { aggregateMetadata: { disk: ['nvme', 'ssd'] } })
      .host('h3', { aggregateMetadata: { disk: ['hdd'] } })
      .host('h4')
      .build();

    expect(possibleDestinations(view, 's1')).toMatchObject({
      candidates: ['h2'],
      rejected: [
        { hostId: 'h3', why: 'aggregate' },
        { hostId: 'h4', why: 'aggregate' },
      ],
    });
  });

  test('a server of no zone may go to any', () => {
    const view = cloud().host('h1').server('s1', { on: 'h1', zone: null }).host('h2').build();

    expect(possibleDestinations(view, 's1').candidates).toEqual(['h2']);
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
