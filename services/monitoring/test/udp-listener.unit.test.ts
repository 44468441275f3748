import { createSocket } from 'node:dgram';
import { PortInUse } from '@sidestep/service-kit';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { RingReader, RingWriter, ringMemory } from '../src/adapters/udp/datagram-ring.ts';
import { readUdpDrops } from '../src/adapters/udp/udp-drops.ts';
import { listenUdp, type UdpListening } from '../src/adapters/udp/udp-listener.ts';
import { eventually } from './daemons.ts';

describe('the ring', () => {
  test('gives what was written, in order, and refuses what finds no room', () => {
    const action = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((datagram) => ({ write: datagram })),
      fc.constant('read' as const),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const memory = ringMemory(128);
        const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
        const into = new Uint8Array(64);
        const wanted: Uint8Array[] = [];
        for (const each of actions) {
          if (each === 'read') {
            const length = reader.read(into);
            const oldest = wanted.shift();
            expect(length).toBe(oldest?.length);
            if (length !== undefined) expect(into.slice(0, length)).toEqual(oldest);
          } else if (writer.write(each.write)) wanted.push(each.write);
          else expect(wanted.length).toBeGreaterThan(0);
          expect(reader.waiting).toBe(wanted.length);
        }
      }),
    );
  });

  test('that is empty takes a datagram of nearly its half, wherever it stands', () => {
    const memory = ringMemory(128);
    const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];

    for (let turn = 0; turn < 100; turn += 1) {
      expect(writer.write(new Uint8Array(44 + (turn % 15)))).toBe(true);
      expect(reader.read(new Uint8Array(64))).toBe(44 + (turn % 15));
    }
  });

  test('wakes a reader that sleeps once, and none that is awake', () => {
    const memory = ringMemory(128);
    const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
    const first = [writer.wakes(), writer.wakes()];
    reader.sleeps();

    expect(first).toEqual([true, false]);
    expect([writer.wakes(), writer.wakes()]).toEqual([true, false]);
  });
});

describe('the listener', () => {
  let listening: UdpListening | undefined;
  const socket = () => createSocket('udp4');
  afterEach(async () => {
    await listening?.close();
    listening = undefined;
  });
  const send = async (port: number, datagrams: readonly Buffer[]): Promise<void> => {
    const sender = socket();
    for (const datagram of datagrams) {
      await new Promise((resolve) => sender.send(datagram, port, '127.0.0.1', resolve));
    }
    sender.close();
  };

  test('hands on each datagram, in order, whatever it holds', async () => {
    const received: string[] = [];
    listening = await listenUdp(
      '127.0.0.1',
      0,
      (bytes) => received.push(bytes.toString()),
      () => undefined,
    );
    const sent = Array.from({ length: 600 }, (_, at) => `${at} ${'x'.repeat((at * 37) % 1500)}`);
    await send(
      listening.port,
      ['', ...sent].map((text) => Buffer.from(text)),
    );

    await eventually('all are there', () => (received.length === 601 ? true : undefined));
    expect(received).toEqual(['', ...sent]);
    expect(listening.waiting()).toBe(0);
  });

  test('hands on what it has received before it is closed', async () => {
    let received = 0;
    const own = await listenUdp(
      '127.0.0.1',
      0,
      () => (received += 1),
      () => undefined,
    );
    await send(own.port, [Buffer.from('a')]);
    await eventually('the first', () => (received === 1 ? true : undefined));
    await send(
      own.port,
      Array.from({ length: 300 }, () => Buffer.from('b')),
    );
    const arrived = await eventually('they are in the ring or handed on', () =>
      own.waiting() + received === 301 ? true : undefined,
    );
    await own.close();

    expect(arrived).toBe(true);
    expect(received).toBe(301);
  });

  test('a thread that finds no room waits for it: nothing falls behind the socket', async () => {
    let received = 0;
    // Some 40 MB, more than the ring holds, while this thread reads nothing.
    const big = Buffer.alloc(60_000, 'x');
    listening = await listenUdp(
      '127.0.0.1',
      0,
      (bytes) => {
        if (bytes.length === big.length) received += 1;
      },
      () => undefined,
    );
    const { port } = listening;
    const sender = socket();
    let sent = 0;
    const blockUntil = performance.now() + 300;
    await new Promise<void>((resolve) => sender.connect(port, '127.0.0.1', resolve));
    for (; sent < 700; sent += 1) sender.send(big);
    while (performance.now() < blockUntil);
    sender.close();

    const dropped = () => readUdpDrops(port);
    await eventually('each was handed on or dropped by the kernel', () =>
      received + dropped() === sent ? true : undefined,
    );
    expect(received).toBeGreaterThan(0);
  });

  test('a port that somebody has is refused by name', async () => {
    listening = await listenUdp(
      '127.0.0.1',
      0,
      () => undefined,
      () => undefined,
    );

    await expect(
      listenUdp(
        '127.0.0.1',
        listening.port,
        () => undefined,
        () => undefined,
      ),
    ).rejects.toThrow(PortInUse);
  });
});
