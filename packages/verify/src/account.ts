import type { SourceRow, TableName } from '@rowferry/introspect'
import type { Source, TableAggregate } from '@rowferry/source'
import { addColumn, emptyAccount, integerAccount, type ColumnAccount } from './account-column.ts'
import { reduce } from './residue.ts'

/** What a reader handed out, summed per column as the database sums it. */
export interface Account {
  /** Values beyond the accounted columns are ignored. */
  add(rows: readonly SourceRow[]): void
  /** Columns whose account is not the database's own. */
  disagreements(aggregate: TableAggregate): string[]
  /** Columns with texts that hold U+FFFD, and how many they are. */
  replaced(): { readonly column: string; readonly texts: number }[]
}

/** `numbersAreReals[i]`: a number in column i is a real, integers come as bigint (or not at all); else an integral one is an integer. */
export function openAccount(columns: readonly string[], numbersAreReals: readonly boolean[]): Account {
  const accounts = columns.map(emptyAccount)
  return {
    add(rows) {
      for (const [i, account] of accounts.entries()) addColumn(account, rows, i, numbersAreReals[i] ?? false)
    },
    disagreements(aggregate) {
      const theirs = new Map(aggregate.columns.map((column) => [column.column, column]))
      // A UTF-16 database counts its octets in that encoding, in every column
      const octets = columns.every((name, i) => theirs.get(name)?.octets === utf16Octets(accounts[i]!))
        ? utf16Octets
        : utf8Octets
      return columns.filter((name, i) => {
        const own = accounts[i]!
        const other = theirs.get(name)
        if (other === undefined) return true
        const integral = own.integers - other.integers
        // Numbers alone cannot tell 1.0 from 1: where a column holds both, only their number and the sum of all are certain
        const undecided = integral > 0 && other.reals > 0 && own.reals + integral === other.reals && !numbersAreReals[i]
        const { sum, min, max } = integerAccount(own)
        const sameSums =
          other.realResidue === null ||
          reduce(own.residue + BigInt(sum ?? 0)) === reduce(BigInt(other.realResidue) + BigInt(other.integerSum ?? 0))
        const sameNumbers =
          undecided ||
          (integral === 0 &&
            own.reals === other.reals &&
            sum === other.integerSum &&
            min === other.integerMin &&
            max === other.integerMax)
        const sameClasses = own.nulls === other.nulls && own.texts === other.texts && own.blobs === other.blobs
        return !(sameSums && sameNumbers && sameClasses && other.octets === octets(own))
      })
    },
    replaced: () =>
      columns.flatMap((column, i) => {
        const texts = accounts[i]!.replaced
        return texts === 0 ? [] : [{ column, texts }]
      }),
  }
}

/** Columns of which the reader gives U+FFFD where the source has none: its octets may be as many as those that it stands for. */
export async function inventedReplacements(account: Account, source: Source, table: TableName): Promise<string[]> {
  const replaced = account.replaced()
  if (replaced.length === 0 || source.supports.replacements !== true) return []
  const stored = await source.countReplacements?.(
    table,
    replaced.map(({ column }) => column),
  )
  return replaced.flatMap(({ column, texts }, i) => (texts > (stored?.[i] ?? texts) ? [column] : []))
}

const utf8Octets = (account: ColumnAccount): string => String(account.octets + account.blobOctets)
const utf16Octets = (account: ColumnAccount): string => String(account.units * 2 + account.blobOctets)
