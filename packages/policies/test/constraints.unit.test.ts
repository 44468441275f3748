import { cloud } from '@sidestep/fleet/testing';
import { describe, expect, test } from 'vitest';
import { possibleDestinations } from '../src/constraints.ts';

describe('possible destinations', () => {
  test('the source is no destination, and every other host that fits is one', () => {
    const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2').host('h3').build();

    expect(possibleDestinations(view, 's1')).toEqual({ candidates: ['h2', 'h3'], rejected: [] });
  });

  describe('with moves under way', () => {
    const moving = (underWay: { serverId: string; to: string }[], sized = 4) => ({
      ...cloud()
        .host('h1')
        .server('s1', { on: 'h1' })
        .server('s2', { on: 'h1' })
        .host('h2', { capacity: { vcpus: sized, vcpusUsed: 2 } })
        .host('h3')
        .group('anti-affinity', 's1', 's3')
        .server('s3', { on: 'h3' })
        .chain('c1', ['s1', 's4'])
        .host('h4')
        .server('s4', { on: 'h4' })
        .build(),
      underWay,
    });

    test('a host that what is on its way fills up has no room', () => {
      const fits = possibleDestinations(moving([{ serverId: 's2', to: 'h2' }]), 's1', ['h2']);
      const full = possibleDestinations(moving([{ serverId: 's2', to: 'h2' }], 3), 's1', ['h2']);

      expect(fits.candidates).toEqual(['h2']);
      expect(full.rejected).toEqual([
        { hostId: 'h2', why: 'no-room', detail: 'it lacks 1 vCPU beside what is on its way (s2)' },
      ]);
    });

    test.each([
      ['a member of its group', 's3', 'h3', 'anti-affinity'],
      ['a member of its hop', 's4', 'h4', 'hop-member'],
    ])('%s keeps it from both of its hosts', (_case, serverId, from, why) => {
      const { rejected } = possibleDestinations(moving([{ serverId, to: 'h2' }]), 's1', [
        from,
        'h2',
      ]);

      expect(rejected).toMatchObject([
        { hostId: from, why },
        { hostId: 'h2', why },
      ]);
    });

    test('one that has to stay with another waits until that has arrived', () => {
      const view = cloud().host('h1').server('s1', { on: 'h1' }).host('h2');
      const built = view.server('s2', { on: 'h2' }).group('affinity', 's1', 's2').build();

      const { rejected } = possibleDestinations(
        { ...built, underWay: [{ serverId: 's2', to: 'h1' }] },
        's1',
      );

      expect(rejected).toMatchObject([{ hostId: 'h2', why: 'affinity' }]);
    });
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
