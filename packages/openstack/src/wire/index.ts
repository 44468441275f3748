export type * from './compute.ts';
export type * from './identity.ts';
export type * from './image.ts';
export type * from './network.ts';
export type * from './placement.ts';
