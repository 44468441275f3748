export { builtinTypes } from './builtin-types.ts';
export {
  type DecodedDatagram,
  type DecodedValue,
  type DecodedValueList,
  decodeDatagram,
} from './decode.ts';
export {
  type EncodableValue,
  type EncodableValueList,
  type EncodeOptions,
  encodeDatagrams,
  encodeNotification,
} from './encoder.ts';
export {
  createDatagramParser,
  type DatagramFault,
  type DatagramParser,
  type DatagramResult,
  firstHost,
  type ParsedValueList,
  type ParserOptions,
  protectsAtLeast,
} from './parser.ts';
export { type IntegerReading, type Rate, rateBetween } from './rates.ts';
export { type ReplayFault, ReplayGuard, type ReplayOptions } from './replay-guard.ts';
export {
  encryptDatagram,
  encryptionOverheadBytes,
  type PasswordOf,
  type SecurityFault,
  signatureOverheadBytes,
  signDatagram,
} from './security.ts';
export {
  type DataSource,
  dataSourceName,
  parseTypesDb,
  type TypesDb,
  type TypesDbFault,
} from './types-db.ts';
export {
  kindCode,
  type Notification,
  type SecurityLevel,
  type SeriesIdentity,
  type Severity,
  TWO_POW_32,
  type ValueKind,
  valueKinds,
} from './wire.ts';
