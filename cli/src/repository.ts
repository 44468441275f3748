import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** A path below the root. */
export function inRepository(...parts: string[]): string {
  return [repositoryRoot, ...parts].join('/');
}
