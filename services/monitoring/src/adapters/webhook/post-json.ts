/** Posts JSON within a time; rejects unless the answer is a 2xx. Redirects are not followed: they may lead anywhere. */
export const postJson =
  (timeoutMs: number) =>
  async (url: string, body: unknown): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`answered ${response.status}`);
  };
