/** The names of a room's methods that answer later. */
type Deeds<Room> = {
  [Name in keyof Room]: Room[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Room];

/**
 * The same room, whose named methods tell when they have done their work, with the first argument where that
 * is a text (mostly the id of what they changed).
 */
export function telling<Room extends object>(
  room: Room,
  deeds: readonly Deeds<Room>[],
  tell: (id: string | null) => void,
): Room {
  const told = { ...room };
  for (const name of deeds) {
    const work: unknown = room[name];
    if (typeof work !== "function") continue;
    Object.assign(told, {
      [name]: async (...args: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(work, room, args);
        tell(typeof args[0] === "string" ? args[0] : null);
        return result;
      },
    });
  }
  return told;
}
