/** What a thread is asked by name, and what it answers. */
export type Calls<Each> = { [Name in keyof Each]: { ask: unknown; told: unknown } };

export interface ThreadCall<Each extends Calls<Each>, Name extends keyof Each = keyof Each> {
  readonly kind: 'call';
  readonly id: number;
  readonly name: Name;
  readonly ask: Each[Name]['ask'];
}

/** What nobody has asked for, told by either side; it arrives before whatever is sent after it. */
export interface ThreadNews<News> {
  readonly kind: 'news';
  readonly news: News;
}

export type ToThread<Each extends Calls<Each>, News> = ThreadCall<Each> | ThreadNews<News>;

export type FromThread<News> =
  | ThreadNews<News>
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'told'; readonly id: number; readonly told: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

/** The memory of a message's columns: it changes hands instead of being copied. */
export function memoryOf(message: unknown): ArrayBuffer[] {
  if (typeof message !== 'object' || message === null) return [];
  return Object.values(message).flatMap((value: unknown) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  );
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
