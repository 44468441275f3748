/** How to prove who we are to Keystone. */
export type Auth =
  | {
      readonly kind: 'password';
      readonly username: string;
      readonly password: string;
      readonly projectName: string;
      /** Domain of the user, by name (default `Default`). */
      readonly userDomainName?: string;
      /** Domain of the project, by name (default `Default`). */
      readonly projectDomainName?: string;
    }
  | {
      readonly kind: 'application-credential';
      readonly id: string;
      readonly secret: string;
    };

/** Which of a service's endpoints to use. */
export type EndpointInterface = 'public' | 'internal' | 'admin';

/** The services that the clients talk to, by their type in Keystone's catalogue. */
export type ServiceType = 'identity' | 'compute' | 'placement' | 'network' | 'image' | 'container';

/** One endpoint of the catalogue. */
export type Endpoint = {
  readonly interface: string;
  readonly region: string;
  readonly url: string;
};

/** One service of the catalogue. */
export type CatalogService = {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
};

/** What a token tells about us, without the token. */
export type Identity = {
  readonly userId: string;
  readonly projectId: string | null;
  readonly roles: readonly string[];
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly catalog: readonly CatalogService[];
};
