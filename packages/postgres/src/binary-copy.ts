/** What precedes the first tuple: signature, no flags, no extension (https://www.postgresql.org/docs/current/sql-copy.html, “Binary Format”). */
export const copyHeader = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** What follows the last tuple: a field count of −1. */
export const copyTrailer = Buffer.from([0xff, 0xff])
