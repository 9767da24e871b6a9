/** A name as MySQL reads it, whatever it holds. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

export function tableOf(name: { readonly schema: string; readonly name: string }): string {
  return `${quoteName(name.schema)}.${quoteName(name.name)}`
}
