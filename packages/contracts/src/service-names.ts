/** The services that have a contract. */
export const serviceNames = ['monitoring', 'prediction', 'migration', 'nfvo'] as const;
export type ServiceName = (typeof serviceNames)[number];
