/** An object as protobuf's JSON has it: fields that are not set and empty lists are left out. */
export function compact<T extends object>(value: T): Partial<T> {
  const kept = Object.entries(value).filter(
    ([, field]) => field !== undefined && field !== null && !(Array.isArray(field) && field.length === 0),
  );
  return Object.fromEntries(kept) as Partial<T>;
}
