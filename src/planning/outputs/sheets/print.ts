/** How the sheets are printed, and the charts that are drawn on them. */
import { columnLetters, type SheetOf, withResults } from './cells.ts'
import { chartXml, drawingXml, relationXml } from './chart-xml.ts'

/** Columns and rows of default size that a chart covers. */
const CHART_COLUMNS = 11
const CHART_ROWS = 22

/** Letter paper, as wide as the page, headers repeated, page x of y. */
export function pageSetup(title: string, runOn: string, sheets: readonly SheetOf[]) {
  // `&` begins a code in headers; two of them are one.
  const plain = (value: string) =>
    value.replaceAll('&', '&&').replaceAll(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`)
  const footer = `<headerFooter><oddHeader>&amp;L${plain(title)}&amp;R&amp;A</oddHeader><oddFooter>&amp;LEstimate, not an appropriation&amp;C${plain(runOn)}&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter>`
  // Defined names stand in the order of the alphabet.
  const areas = sheets.map(({ sheet, data, columns, printed, chart }, i) => {
    const most = printed ?? Math.max(columns.length, chart === undefined ? 0 : chart.at[0] + CHART_COLUMNS)
    const rows = Math.max(data.length, chart === undefined ? 0 : chart.at[1] + CHART_ROWS)
    return `<definedName name="_xlnm.Print_Area" localSheetId="${i}">'${sheet}'!$A$1:$${columnLetters(most - 1)}$${rows}</definedName>`
  })
  const titles = sheets.map(({ sheet, stickyRowsCount }, i) =>
    stickyRowsCount === undefined
      ? ''
      : `<definedName name="_xlnm.Print_Titles" localSheetId="${i}">'${sheet}'!$1:$${stickyRowsCount}</definedName>`,
  )
  const names = [...areas, ...titles].join('')
  const charts = sheets.flatMap(({ chart }, i) => (chart === undefined ? [] : [{ chart, id: i + 1 }]))
  return {
    files: {
      transform: {
        'xl/worksheets/sheet{id}.xml': {
          transform: (xml: string, options: { readonly orientation?: string }) =>
            withResults(xml)
              .replace(/<pageSetup[^>]*\/>/, '')
              .replace(/(<worksheet[^>]*>)/, '$1<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>')
              .replace(
                /(<pageMargins[^>]*\/>)?(?=(<drawing|<legacyDrawing|<\/worksheet>))/,
                `<pageMargins left="0.5" right="0.5" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><pageSetup paperSize="1" orientation="${options.orientation ?? 'portrait'}" fitToWidth="1" fitToHeight="0"/>${footer}`,
              ),
        },
        'xl/workbook.xml': {
          transform: (xml: string) => xml.replace('<definedNames/>', `<definedNames>${names}</definedNames>`),
        },
        // The drawings are known: the library makes an empty one for each sheet.
        '[Content_Types].xml': {
          insert: () =>
            charts
              .map(
                ({ id }) =>
                  `<Override PartName="/xl/charts/chart${id}.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>`,
              )
              .join(''),
        },
      },
      write: {
        files: () =>
          Object.fromEntries(
            charts.flatMap(({ chart, id }) => [
              [
                `xl/worksheets/_rels/sheet${id}.xml.rels`,
                relationXml('drawing', `../drawings/drawing${id}.xml`),
              ],
              [`xl/drawings/drawing${id}.xml`, drawingXml(chart)],
              [`xl/drawings/_rels/drawing${id}.xml.rels`, relationXml('chart', `../charts/chart${id}.xml`)],
              [`xl/charts/chart${id}.xml`, chartXml(chart)],
            ]),
          ),
      },
    },
  }
}
