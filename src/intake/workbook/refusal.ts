/** What is wrong with a workbook, in the words of the person who sent it. */
import { IntakeError, type Place } from '../problem.ts'

/** The file is not what a spreadsheet program writes: broken, cut short, or made by hand. */
export function damaged(message: string, place?: Place): IntakeError {
  return new IntakeError(
    'damaged-workbook',
    `${message} Open the workbook in Excel, save it again and send that.`,
    {},
    place === undefined ? [] : [place],
  )
}

/** It holds more than is read. `what` names the sheet or part, the number that was met and the limit. */
export function tooMuch(what: string, place?: Place): IntakeError {
  return new IntakeError(
    'workbook-limit',
    `${what} Send the sheet with the devices as a workbook of its own, or save it as "CSV UTF-8".`,
    {},
    place === undefined ? [] : [place],
  )
}

/** Cells with values where no table can be. */
export function outside(message: string, places: readonly Place[]): IntakeError {
  return new IntakeError('cell-outside', message, {}, places)
}

export function otherFormat(name: string, advice: string): IntakeError {
  return new IntakeError('not-text', `The file is ${name}. ${advice}`, { found: name })
}

export function encrypted(): IntakeError {
  return new IntakeError(
    'encrypted-workbook',
    'The workbook is protected by a password. Open it in Excel, remove the password (File, Info, Protect Workbook) and send it again.',
  )
}

/** Thousands grouped: 1,048,576. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

/** Bytes as a person reads them. */
export function size(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${grouped(Math.round(bytes / 1024 / 1024))} MiB` : `${grouped(bytes)} bytes`
}

/** As it is put into a sentence. Excel allows 31 characters; who made the file by hand does not keep to that. */
export function quoted(name: string): string {
  return `"${name.length > 60 ? `${name.slice(0, 60)}…` : name}"`
}
