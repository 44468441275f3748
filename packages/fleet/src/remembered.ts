/** Remembers what is made of a frozen list for as long as the list lives. */
export function remembered<List extends object, Made>(
  make: (list: List) => Made,
): (list: List) => Made {
  const known = new WeakMap<List, Made>();
  return (list) => {
    let made = known.get(list);
    if (made === undefined) {
      made = make(list);
      known.set(list, made);
    }
    return made;
  };
}
