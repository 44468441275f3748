import { parentPort, workerData } from 'node:worker_threads';
import {
  type Calls,
  type FromThread,
  memoryOf,
  messageOf,
  type ThreadCall,
  type ToThread,
} from './thread-calls.ts';

/** What a thread answers each call with; what it throws, the caller is told. */
export type Answers<Each extends Calls<Each>> = {
  [Name in keyof Each]: (ask: Each[Name]['ask']) => Promise<Each[Name]['told']>;
};

export interface ThreadService<Each extends Calls<Each>, News> {
  readonly answers: Answers<Each>;
  /** Takes what the other side tells; absent: it tells nothing. */
  readonly learn?: (news: News) => void;
}

/** The whole work of a thread's program: begins with what the thread was started with, then answers one call after another. */
export function serveThread<Data, Each extends Calls<Each>, News = never>(
  open: (data: Data, tell: (news: News) => void) => ThreadService<Each, News>,
): void {
  const send = (message: FromThread<News>, memory: ArrayBuffer[] = []): void =>
    parentPort?.postMessage(message, memory);
  const answer = async <Name extends keyof Each>(
    answers: Answers<Each>,
    { id, name, ask }: ThreadCall<Each, Name>,
  ): Promise<void> => {
    try {
      const told = await answers[name](ask);
      send({ kind: 'told', id, told }, memoryOf(told));
    } catch (error) {
      send({ kind: 'failed', id, message: messageOf(error) });
    }
  };
  try {
    const { answers, learn } = open(workerData as Data, (news) => send({ kind: 'news', news }));
    parentPort?.on('message', (message: ToThread<Each, News>) => {
      if (message.kind === 'news') learn?.(message.news);
      else void answer(answers, message);
    });
    send({ kind: 'opened' });
  } catch (error) {
    send({ kind: 'refused', message: messageOf(error) });
  }
}
