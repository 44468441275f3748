/** Who reported what kind of thing, in collectd's words; absent instances are empty texts. */
export interface ReadingIdentity {
  readonly host: string;
  readonly plugin: string;
  readonly pluginInstance: string;
  readonly type: string;
  readonly typeInstance: string;
}
