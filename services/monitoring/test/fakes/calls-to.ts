import type { Listening, Role } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';

/** Calls of a service in a test, by role; a body goes and comes as JSON. */
export const callsTo =
  (http: () => Listening, usualRole: Role) =>
  async (method: string, path: string, body?: unknown, role: Role = usualRole) => {
    const response = await fetch(`${http().url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${testToken(role)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
