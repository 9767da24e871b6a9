const name = String.raw`(?:"(?:[^"]|"")+"|[a-z_][\w$]*)`
const type = String.raw`(?:::(?:text|bpchar|character varying(?:\(\d+\))?|character(?:\(\d+\))?|varchar)(?:\[\])?)?`
const text = String.raw`\(*'(?:[^']|'')*'\)*${type}\)*${type}`
const list = `${text}(?:, ?${text})*`
const anyOf = new RegExp(String.raw`^\(*${name}\)*${type}\)* = ANY \(+ARRAY\[(${list})\][)]*${type}\)*$`)
const inList = new RegExp(String.raw`^\(*${name}\)*${type}\)* IN \((${list})\)+$`, 'i')

/** The texts of a CHECK that does nothing but list what a column may hold, as PostgreSQL prints it (`role = ANY (ARRAY['a'::text, …])`) or as it was written (`role IN ('a', …)`); null for any other. */
export function listedLabels(expression: string): string[] | null {
  const [, items] = anyOf.exec(expression) ?? inList.exec(expression) ?? []
  if (items === undefined) return null
  return [...items.matchAll(/'((?:[^']|'')*)'/g)].map(([, label]) => label!.replaceAll("''", "'"))
}
