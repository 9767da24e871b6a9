import type { Session } from '@rowferry/postgres'
import { PostgresError } from '@rowferry/postgres'

/**
 * One question in a transaction of its own that may not write and holds no lock once it is answered: reading a large source takes long, and
 * nobody shall wait for it. What would write in it (a sequence, a function) is refused with 25006.
 */
export async function askReadOnly<Answer>(session: Session, question: () => Promise<Answer>): Promise<Answer> {
  await session.query("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL search_path = ''; SET LOCAL jit = off")
  try {
    return await question()
  } finally {
    await session.query('ROLLBACK')
  }
}

/**
 * Asks about many at once; whatever makes the server refuse the question is found by halves and told with its error.
 * `concerns`: is the error about one of the many? Any other is thrown.
 */
export async function askByHalves<Item>(
  items: readonly Item[],
  ask: (items: readonly Item[]) => Promise<void>,
  concerns: (error: unknown) => error is PostgresError,
  refused: (item: Item, error: PostgresError) => void,
): Promise<void> {
  if (items.length === 0) return
  try {
    await ask(items)
  } catch (error) {
    if (!concerns(error)) throw error
    if (items.length === 1) return refused(items[0]!, error)
    const half = items.length >> 1
    await askByHalves(items.slice(0, half), ask, concerns, refused)
    await askByHalves(items.slice(half), ask, concerns, refused)
  }
}
