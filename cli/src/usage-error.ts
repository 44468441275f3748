/** What the user gave cannot be used: one clear line a fault, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
