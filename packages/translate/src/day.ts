const day = /^(\d{4})-(\d\d)-(\d\d)$/

/** `2024-02-29`, and no day that is not in the calendar. */
export function isDay(text: string): boolean {
  const [, year, month, date] = day.exec(text) ?? []
  if (Number(year ?? 0) === 0) return false
  const moment = new Date(`${text}T00:00:00Z`)
  return moment.getUTCMonth() + 1 === Number(month) && moment.getUTCDate() === Number(date)
}
