import { Worker } from 'node:worker_threads';
import { type Calls, type FromThread, memoryOf, type ToThread } from './thread-calls.ts';

type Answer = { readonly told: unknown } | { readonly error: Error };

export interface ThreadClientOptions<News> {
  /** The thread's program, which calls serveThread. */
  readonly program: URL;
  /** What it is started with. */
  readonly data: unknown;
  /** What a call is refused with once the thread was closed. */
  readonly closed: string;
  readonly onNews?: (news: News) => void;
}

/** A thread that is asked by name. What it throws is thrown here; when it dies, so does the process. */
export class ThreadClient<Each extends Calls<Each>, News = never> {
  /** Rejects with the reason when the thread could not begin: so does then whatever it is asked. */
  readonly opened: Promise<void>;
  readonly #thread: Worker;
  readonly #closedReason: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;
  #closing: Promise<void> | undefined;

  constructor({ program, data, closed, onNews }: ThreadClientOptions<News>) {
    // No environment: the thread gets what it needs in its data, and no secret beside.
    const thread = new Worker(program, { workerData: data, env: {} });
    this.#thread = thread;
    this.#closedReason = closed;
    // One that could not begin ends as well, and its reason is told to whoever waits for it.
    let hasRefused = false;
    this.opened = new Promise<void>((resolve, reject) => {
      thread.on('message', (message: FromThread<News>) => {
        const { kind } = message;
        if (kind === 'told') this.#settle(message.id, { told: message.told });
        else if (kind === 'failed') {
          this.#settle(message.id, { error: new Error(message.message) });
        } else if (kind === 'news') onNews?.(message.news);
        else if (kind === 'opened') resolve();
        else {
          hasRefused = true;
          reject(new Error(message.message));
        }
      });
      // A process that has lost a part of itself must not look well: it ends, and is started again.
      const lost = (error: unknown): never => {
        reject(error);
        throw error;
      };
      thread.once('error', lost);
      thread.once('exit', (code) => {
        if (!this.isClosed && !hasRefused)
          lost(new Error(`A thread of this process ended by itself (code ${code})`));
      });
    });
    this.opened.catch(() => undefined);
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** Told before whatever is called after it. */
  tell(news: News): void {
    this.#send({ kind: 'news', news });
  }

  /** Calls reach the thread in their order. */
  async call<Name extends keyof Each>(
    name: Name,
    askOf: () => Each[Name]['ask'],
  ): Promise<Each[Name]['told']> {
    await this.opened;
    if (this.isClosed) throw new Error(this.#closedReason);
    return this.#ask(name, askOf());
  }

  /** Ends the thread after one last call; what still waits for an answer then is refused. */
  close<Name extends keyof Each>(name: Name, ask: Each[Name]['ask']): Promise<void> {
    this.#closing ??= this.opened
      .then(() => this.#ask(name, ask))
      .catch(() => undefined)
      .then(() => this.#thread.terminate())
      .then(() => {
        const error = new Error(this.#closedReason);
        for (const id of [...this.#waiting.keys()]) this.#settle(id, { error });
      });
    return this.#closing;
  }

  #ask<Name extends keyof Each>(name: Name, ask: Each[Name]['ask']): Promise<Each[Name]['told']> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if ('error' in answer) reject(answer.error);
        else resolve(answer.told as Each[Name]['told']);
      });
      this.#send({ kind: 'call', id, name, ask }, memoryOf(ask));
    });
  }

  #send(message: ToThread<Each, News>, memory: ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, memory);
  }

  #settle(id: number, answer: Answer): void {
    const waits = this.#waiting.get(id);
    this.#waiting.delete(id);
    waits?.(answer);
  }
}
