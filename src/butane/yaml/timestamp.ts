const date = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](?<time>[\d:.,]+)(?:Z|[-+]\d\d:\d\d))|(?: (?<local>[\d:.,]+)))?$/
const clock = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?$/

/**
 * The forms of a date in yaml.v3: a day, a day with time and zone after `T`, or a day with only a time after a space.
 */
export function isTimestamp(text: string): boolean {
  const found = date.exec(text)
  if (found === null) return false
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false
  const time = found.groups?.time ?? found.groups?.local
  if (time === undefined) return true
  const parts = clock.exec(time)
  return parts !== null && Number(parts[1]) < 24 && Number(parts[2]) < 60 && Number(parts[3]) < 60
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}
