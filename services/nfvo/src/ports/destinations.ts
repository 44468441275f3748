/** Where a server had best run, by Prediction. */
export type Destination =
  | { readonly kind: 'host'; readonly hostId: string }
  | { readonly kind: 'none'; readonly why: string };

/** Ranks the hosts for a server by a policy. Throws a ProblemError where Prediction does not answer. */
export type AskDestination = (serverId: string, policy: string) => Promise<Destination>;
