/** What a probe came to. */
export type Probed =
  | { readonly outcome: 'none'; readonly detail: string }
  | {
      readonly outcome: 'passed' | 'failed';
      /** Its name in the settings. */
      readonly probe: string;
      readonly kind: 'http' | 'command';
      readonly tookMs: number;
      readonly detail: string;
    };

/** Tries a chain from end to end, as the operator configured; never throws for what fails on the way. */
export type ChainProber = (chain: {
  readonly id: string;
  readonly name: string;
}) => Promise<Probed>;
