import { formatCount } from '../format.ts'
import type { Report } from '../report.ts'

/** A file that was written beside the report: its name, and what it is good for. */
export interface KeptFile {
  readonly what: string
  readonly file: string
  readonly more: string
}

export function keptFiles({ proof, differences }: Report): KeptFile[] {
  return [
    ...(proof === null
      ? []
      : [
          {
            what: 'Digests of what was proven are in',
            file: proof.file,
            more: `of sha256 ${proof.sha256}: rowferry verify --against tells by them at any later time, without the source, whether the target is still the same.`,
          },
        ]),
    ...(differences === null
      ? []
      : [
          {
            what: 'Every row that differs is listed in',
            file: differences.file,
            more: `a line each, ${formatCount(differences.rows)} in all.`,
          },
        ]),
  ]
}
