/** Keystone's JSON (v3), as much of it as is read or written here. */

export type WireTokenRequest = {
  auth: {
    identity:
      | {
          methods: ['password'];
          password: { user: { name: string; domain: { name: string }; password: string } };
        }
      | {
          methods: ['application_credential'];
          application_credential: { id: string; secret: string };
        };
    scope?: { project: { name: string; domain: { name: string } } };
  };
};

export type WireEndpoint = {
  id: string;
  interface: string;
  region: string | null;
  region_id: string | null;
  url: string;
};
export type WireCatalogService = {
  id: string;
  type: string;
  name: string;
  endpoints: WireEndpoint[];
};

/** Body of the 201; the token itself is in the header X-Subject-Token. */
export type WireToken = {
  token: {
    methods: string[];
    user: { id: string; name: string; domain: { id: string; name: string } };
    project?: { id: string; name: string; domain: { id: string; name: string } };
    roles?: { id: string; name: string }[];
    catalog?: WireCatalogService[];
    issued_at: string;
    expires_at: string;
    audit_ids?: string[];
  };
};

export type WireKeystoneFault = { error: { code: number; title: string; message: string } };
