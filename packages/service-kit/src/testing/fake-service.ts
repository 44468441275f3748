import { openApiDocument, type ServiceName } from '@sidestep/contracts';
import { createServiceApp } from '../app.ts';
import { contractOperations } from '../contract-operations.ts';
import type { Handlers } from '../handlers.ts';
import { type Listening, listen } from '../listen.ts';
import { silentLog } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { testTokens } from './tokens.ts';

/**
 * Another service by its own contract, over HTTP: requests to it and its answers are checked, so a fake cannot drift
 * from what the real one would take and say. What it is given no handler for, it does not do.
 */
export function fakeService<Operations>(
  service: ServiceName,
  handlers: Partial<Handlers<Operations>>,
): Promise<Listening> {
  const notDone = Object.fromEntries(
    contractOperations(openApiDocument(service)).map(({ operationId }) => [
      operationId,
      () => {
        throw new ProblemError('NOT_AVAILABLE_HERE', 'The fake does not do this');
      },
    ]),
  );
  const app = createServiceApp<Operations>({
    service,
    version: '0.0.0',
    handlers: { ...notDone, ...handlers } as Handlers<Operations>,
    tokens: testTokens,
    log: silentLog,
    readiness: {},
    capabilities: () => [],
    checkReplies: true,
  });
  return listen(app, '127.0.0.1', 0);
}
