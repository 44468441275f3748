import type { Log } from '@sidestep/service-kit';
import type { HeadExport } from '../ports/head-export.ts';
import type { Meters } from '../ports/meters.ts';
import { chainHead } from './chained-records.ts';
import type { Ledger } from './ledger.ts';

/** Tells of the newest link where it is newer than the one told of before; answers a function to be called every so often. */
export function headTeller(options: {
  ledger: Ledger;
  meters: Meters;
  log: Log;
  exports: HeadExport;
}): () => Promise<void> {
  const { ledger, meters, log, exports } = options;
  let told = 0;
  return async () => {
    const head = (await chainHead(ledger.records))?.value;
    if (head === undefined || head.sequence === told) return;
    await exports.tell(head);
    meters.chainGrewTo(head.sequence);
    log.info({ sequence: head.sequence, hash: head.hash }, 'The chain of decisions has grown');
    told = head.sequence;
  };
}
