import type { OpenApiDocument } from '@sidestep/contracts';
import { type Role, roles } from './auth.ts';

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;
export type HttpMethod = (typeof methods)[number];

export type ContractOperation = {
  operationId: string;
  method: HttpMethod;
  /** As in the document: `/alarms/{alarmId}`. */
  path: string;
  /** As express wants it: `/alarms/:alarmId`. */
  route: string;
  /** The role that is needed; null where no token is. */
  role: Role | null;
  /** May a caller from a listed network go without a token? */
  openToNetworks: boolean;
  /** May a caller show its token as a password (RFC 7617), its user being the token's name? */
  basicAuth: boolean;
};

/** Every operation of a contract; one without a role, that is not explicitly open, is a fault of the contract. */
export function contractOperations(document: OpenApiDocument): ContractOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (typeof operation !== 'object' || operation === null || Array.isArray(operation))
        return [];
      const { operationId, security } = operation;
      const role = roles.find((name) => name === operation['x-role']);
      const open = Array.isArray(security) && security.length === 0;
      if (typeof operationId !== 'string') throw new Error(`${method} ${path} has no operationId`);
      if (role === undefined && !open) throw new Error(`${operationId} has no x-role`);
      return [
        {
          operationId,
          method,
          path,
          route: path.replaceAll(/\{([^}]+)\}/g, ':$1'),
          role: role ?? null,
          openToNetworks: operation['x-open-to-networks'] === true,
          basicAuth: Array.isArray(security) && security.some((way) => namesBasic(way)),
        },
      ];
    }),
  );
}

const namesBasic = (way: unknown): boolean =>
  typeof way === 'object' && way !== null && 'basic' in way;
