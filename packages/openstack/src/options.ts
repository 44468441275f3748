import type { Auth, EndpointInterface } from './types/identity.ts';

/** Time as the clients need it, so that tests can step it. */
export type Clock = {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
};

/** How to reach an OpenStack. */
export type OpenStackOptions = {
  /** Keystone's URL, with or without `/v3`. */
  readonly authUrl: string;
  readonly auth: Auth;
  /** Must be named when the catalogue has several. */
  readonly region?: string;
  /** Default `public`. */
  readonly interface?: EndpointInterface;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** 0 ≤ x < 1, for the jitter of the back-off. */
  readonly random?: () => number;
  /** Limit of one attempt; default 30 000. */
  readonly timeoutMs?: number;
  /** Further attempts of what is safe to repeat; default 2. */
  readonly retries?: number;
  /** Default 32 MiB. */
  readonly maxResponseBytes?: number;
  /** Highest Nova microversion to use; default (and limit) 2.90. */
  readonly maxComputeMicroversion?: string;
};
