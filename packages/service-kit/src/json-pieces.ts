import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items of a list that are written before other work has its turn: some milliseconds. */
const ITEMS_A_TURN = 256;

const isLong = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > 4 * ITEMS_A_TURN;

/** Whether an answer is so long that writing it in one go would keep others waiting. */
export const isLongBody = (body: unknown): body is object =>
  typeof body === 'object' &&
  body !== null &&
  !Array.isArray(body) &&
  Object.values(body).some(isLong);

/** The text that JSON.stringify gives of an object with long lists, a piece a turn. */
export async function* jsonPieces(body: object): AsyncGenerator<string, void> {
  let text = '{';
  let isFirst = true;
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue;
    text += `${isFirst ? '' : ','}${JSON.stringify(name)}:`;
    isFirst = false;
    if (!isLong(value)) {
      text += JSON.stringify(value);
      continue;
    }
    for (let at = 0; at < value.length; at += ITEMS_A_TURN) {
      const items = JSON.stringify(value.slice(at, at + ITEMS_A_TURN));
      yield `${text}${at === 0 ? '[' : ','}${items.slice(1, -1)}`;
      text = '';
      await nextTurn();
    }
    text = ']';
  }
  yield `${text}}`;
}
