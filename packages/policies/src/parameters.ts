import type { ParamSchema } from './policy.ts';

/** The parameters' values: given ones where they are in bounds of the schema, else the defaults. Throws on an unknown name. */
export function parametersOf<Name extends string>(
  schemas: Readonly<Record<Name, ParamSchema>>,
  given: Readonly<Record<string, number>> = {},
): Record<Name, number> {
  const unknown = Object.keys(given).filter((name) => !(name in schemas));
  if (unknown.length > 0) throw new RangeError(`no such parameter: ${unknown.join(', ')}`);
  const values: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(schemas) as Name[]) {
    const { minimum, maximum, default: preset } = schemas[name];
    const value = given[name] ?? preset;
    if (!(value >= minimum && value <= maximum)) {
      throw new RangeError(`${name} must be from ${minimum} to ${maximum}`);
    }
    values[name] = value;
  }
  return values as Record<Name, number>;
}
