export type Row = Readonly<Record<string, string>>

/** The Markdown table below a heading, as one record per row keyed by the first row's titles. */
export function readTable(markdown: string, heading: string): readonly Row[] {
  const lines = markdown.split('\n')
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`There is no heading ${JSON.stringify(heading)}`)
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'))
  const rows: string[][] = []
  for (const line of lines.slice(first)) {
    if (!line.startsWith('|')) break
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  }
  const [titles = [], , ...body] = rows
  return body.map((cells) => Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? ''])))
}

export function readList(cell: string | undefined): readonly string[] {
  return cell ? cell.split(',').map((item) => item.trim()) : []
}
