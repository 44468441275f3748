/** What was to be started did not start: its own last words, exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
