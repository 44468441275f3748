import type { Write } from '@sidestep/service-kit';
import { advance, type Operation } from '../../src/domain/operation.ts';
import { moveWrite } from '../../src/usecases/guard-ledger.ts';
import { operationWrite } from '../../src/usecases/ledger.ts';
import type { World } from './world.ts';

/** Ends an operation as a worker would have, and puts the server where it then is. */
export async function end(sut: World, id: string, result: 'completed' | 'failed' | 'not-begun') {
  const [operation, move] = await Promise.all([
    sut.ledger.operation(id),
    sut.ledger.guard.move(id),
  ]);
  if (operation === undefined || move === undefined) throw new Error(`no operation ${id}`);
  const atMs = sut.clock.now();
  const through: Operation['state'][] =
    result === 'completed' ? ['PROCESSING', 'COMPLETED'] : ['ROLLED_BACK'];
  const ended = through.reduce((value, to) => advance(value, to, atMs), operation.value);
  const slot = await sut.ledger.standingOf(ended.from);
  const writes: Write[] = [
    operationWrite(ended, operation.version),
    moveWrite({ ...move.value, endedAtMs: atMs, result }, move.version),
    ...(slot === undefined
      ? []
      : [{ kind: 'standing', id: ended.from, expected: slot.version, value: null }]),
  ];
  await sut.records.commit(writes);
  if (result !== 'completed') return;
  sut.telemetry.view = {
    ...sut.telemetry.view,
    servers: sut.telemetry.view.servers.map((server) =>
      server.id === ended.serverId ? { ...server, hostId: ended.to } : server,
    ),
  };
}
