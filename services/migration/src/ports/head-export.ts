import type { ChainHead } from '../domain/decision-chain.ts';

/** Where the newest link of the decisions is told of, so that a chain written anew as a whole would not match. */
export type HeadExport = { tell(head: ChainHead): Promise<void> };
