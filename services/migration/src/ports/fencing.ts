import type { HostId } from '@sidestep/fleet';

/** What a fencing hook said; `unsure` is every answer that is not a plain yes or no. */
export type FencingAnswer =
  | { kind: 'fenced'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unsure'; detail: string };

/** Cuts a host off for certain, and says so. Asked again it does no harm. Throws nothing. */
export type FencingHook = {
  fence(request: { hostId: HostId; incidentId: string; reason: string }): Promise<FencingAnswer>;
};
