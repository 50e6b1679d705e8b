/**
 * What a workbook may hold. Measured on sheets of 200,000 rows of 30 columns with 800,000 different texts, which
 * stay below each of these by a third or more; files made to exhaust a reader exceed one of them early.
 */

const MEBIBYTE = 1024 * 1024

export interface WorkbookLimits {
  /** Of the file as it was sent. */
  readonly fileBytes: number
  /** Parts (files) in the archive. */
  readonly parts: number
  /** One part, unpacked. */
  readonly partBytes: number
  /** All parts that are opened, unpacked. */
  readonly openedBytes: number
  /** How many times its packed size a part may unpack to, once it is larger than `ratioFromBytes`. */
  readonly ratio: number
  readonly ratioFromBytes: number
  /** Bytes of XML without the end of a tag or text: a parser holds them all. */
  readonly tokenBytes: number
  /** Tags inside each other. */
  readonly depth: number
  readonly sheets: number
  /** The last row there is in Excel. */
  readonly rows: number
  /** The last column with a value. */
  readonly columns: number
  /** Cells with a value, over all sheets. */
  readonly cells: number
  readonly sharedStrings: number
  /** Characters of all shared strings together. */
  readonly sharedCharacters: number
  /** Characters of all cells together: many cells can show one shared string. */
  readonly textCharacters: number
  /** What a cell can hold in Excel. */
  readonly cellCharacters: number
  readonly mergedAreas: number
  readonly cellStyles: number
  readonly numberFormats: number
  /**
   * Seconds of work, without the time in which nobody takes what was read. The largest honest sheets (above) take 25
   * seconds of a processor, and took four minutes where ten others wanted it. What a file can ask for, the others bound.
   */
  readonly seconds: number
  /** Of the thread that reads: MiB of its heap. What is outside it, the limits above hold down. */
  readonly heapMebibytes: number
}

export const WORKBOOK_LIMITS: WorkbookLimits = {
  fileBytes: 64 * MEBIBYTE,
  parts: 4096,
  partBytes: 640 * MEBIBYTE,
  openedBytes: 1024 * MEBIBYTE,
  ratio: 200,
  ratioFromBytes: 16 * MEBIBYTE,
  tokenBytes: MEBIBYTE,
  depth: 32,
  sheets: 100,
  rows: 1_048_576,
  columns: 500,
  cells: 8_000_000,
  sharedStrings: 2_000_000,
  sharedCharacters: 64_000_000,
  textCharacters: 512_000_000,
  cellCharacters: 32_767,
  mergedAreas: 10_000,
  cellStyles: 65_536,
  numberFormats: 5_000,
  seconds: 600,
  heapMebibytes: 384,
}
