import type { Context } from './context.ts';
import { readHops } from './describe-chain.ts';
import { type ChainRecord, kinds } from './documents.ts';

/** Whether a drain would take a server out of a hop, and why not. */
export type Drainable = { readonly kind: 'yes' } | { readonly kind: 'no'; readonly why: string };

/** Whether a hop of the chain may lose the server: one that is marked stateless and has another member. Nothing is changed. */
export async function drainable(
  context: Context,
  chainId: string,
  serverId: string,
): Promise<Drainable> {
  const stored = await context.records.get<ChainRecord>(kinds.chain, chainId);
  const said = stored?.value.hopOptions.some(({ stateless }) => stateless === true) ?? false;
  // Only what was said makes a hop stateless: where nothing was, no move waits for the cloud to tell more.
  if (!said) return { kind: 'no', why: 'none of its hops is stateless' };
  const { hops } = await readHops(context, chainId);
  const own = hops.filter(({ memberIds }) => memberIds.includes(serverId));
  if (own.length === 0) return { kind: 'no', why: 'the server is in no hop' };
  const stateless = own.filter((hop) => hop.stateless);
  if (stateless.length === 0) return { kind: 'no', why: 'none of its hops is stateless' };
  return stateless.some(({ memberIds }) => memberIds.length > 1)
    ? { kind: 'yes' }
    : { kind: 'no', why: 'its stateless hops have no other member' };
}
