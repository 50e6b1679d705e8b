/** Charts of a sheet as DrawingML (ECMA-376 part 1, 21.2): they draw cells of the sheet, so they follow its figures. */

export interface SheetChart {
  readonly kind: 'bars' | 'stacked-bars' | 'curve'
  readonly title: string
  /** Cells of the names of the bars, or of the x values of a curve. */
  readonly categories: string
  readonly series: readonly { readonly name: string; readonly cells: string }[]
  readonly axisTitle: string
  /** Column and row of its upper left corner, from 0. */
  readonly at: readonly [column: number, row: number]
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const DRAWING = 'http://schemas.openxmlformats.org/drawingml/2006'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** Gray that stays apart in black and white. */
const FILLS = ['3D5A80', 'C9D6E3', '7C8B99', '1A1A1A', 'E8EDF3', '566573', 'AAB7C4']

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** The frame that holds the chart, ten columns of default width and twenty-two rows. */
export function drawingXml({ at: [column, row], title }: SheetChart): string {
  return `${HEAD}<xdr:wsDr xmlns:xdr="${DRAWING}/spreadsheetDrawing" xmlns:a="${DRAWING}/main"><xdr:oneCellAnchor><xdr:from><xdr:col>${column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:ext cx="6400800" cy="3840480"/><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="Chart" descr="${escaped(title)}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="${DRAWING}/chart"><c:chart xmlns:c="${DRAWING}/chart" xmlns:r="${RELATIONS}" r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor></xdr:wsDr>`
}

/** By the names that the sheets and drawings refer to. */
export function relationXml(type: 'drawing' | 'chart', target: string): string {
  const id = type === 'drawing' ? 'rId-drawing-1' : 'rId1'

  return `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/></Relationships>`
}

export function chartXml(chart: SheetChart): string {
  const body = chart.kind === 'curve' ? curve(chart) : bars(chart)
  const legend =
    chart.series.length > 1 ? '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>' : ''
  return `${HEAD}<c:chartSpace xmlns:c="${DRAWING}/chart" xmlns:a="${DRAWING}/main" xmlns:r="${RELATIONS}"><c:roundedCorners val="0"/><c:chart>${titleXml(chart.title, 1200)}<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>${body}</c:plotArea>${legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>`
}

function bars({ kind, categories, series, axisTitle }: SheetChart): string {
  const isStacked = kind === 'stacked-bars'
  const drawn = series.map(
    ({ name, cells }, i) =>
      `<c:ser><c:idx val="${i}"/><c:order val="${i}"/>${nameXml(name)}${fill(i)}<c:invertIfNegative val="0"/><c:cat><c:strRef><c:f>${escaped(categories)}</c:f></c:strRef></c:cat><c:val><c:numRef><c:f>${escaped(cells)}</c:f></c:numRef></c:val></c:ser>`,
  )
  return `<c:barChart><c:barDir val="${isStacked ? 'col' : 'bar'}"/><c:grouping val="${isStacked ? 'stacked' : 'clustered'}"/><c:varyColors val="0"/>${drawn.join('')}<c:gapWidth val="60"/><c:overlap val="100"/><c:axId val="1"/><c:axId val="2"/></c:barChart>${axis('catAx', 1, 2, { position: isStacked ? 'b' : 'l', isReversed: !isStacked })}${axis('valAx', 2, 1, { position: isStacked ? 'l' : 'b', title: axisTitle })}`
}

function curve({ categories, series, axisTitle }: SheetChart): string {
  const drawn = series.map(
    ({ name, cells }, i) =>
      `<c:ser><c:idx val="${i}"/><c:order val="${i}"/>${nameXml(name)}<c:spPr><a:ln w="${i === 0 ? 28575 : 15875}"><a:solidFill><a:srgbClr val="${i === 0 ? FILLS[0] : FILLS[3]}"/></a:solidFill>${i === 0 ? '' : '<a:prstDash val="sysDash"/>'}</a:ln></c:spPr><c:marker><c:symbol val="none"/></c:marker><c:xVal><c:numRef><c:f>${escaped(cells)}</c:f></c:numRef></c:xVal><c:yVal><c:numRef><c:f>${escaped(categories)}</c:f></c:numRef></c:yVal><c:smooth val="0"/></c:ser>`,
  )
  return `<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>${drawn.join('')}<c:axId val="1"/><c:axId val="2"/></c:scatterChart>${axis('valAx', 1, 2, { position: 'b', title: axisTitle })}${axis('valAx', 2, 1, { position: 'l', title: 'Chance in 100', most: 100 })}`
}

function nameXml(name: string): string {
  return `<c:tx><c:v>${escaped(name)}</c:v></c:tx>`
}

function fill(i: number): string {
  return `<c:spPr><a:solidFill><a:srgbClr val="${FILLS[i % FILLS.length]}"/></a:solidFill><a:ln><a:solidFill><a:srgbClr val="1A1A1A"/></a:solidFill></a:ln></c:spPr>`
}

function axis(
  tag: 'catAx' | 'valAx',
  id: number,
  cross: number,
  {
    position,
    title,
    isReversed = false,
    most,
  }: {
    readonly position: 'b' | 'l'
    readonly title?: string
    readonly isReversed?: boolean
    readonly most?: number
  },
): string {
  const max = most === undefined ? '' : `<c:max val="${most}"/><c:min val="0"/>`
  const gridlines = tag === 'valAx' ? '<c:majorGridlines/>' : ''
  const name = title === undefined ? '' : titleXml(title, 900)
  return `<c:${tag}><c:axId val="${id}"/><c:scaling><c:orientation val="${isReversed ? 'maxMin' : 'minMax'}"/>${max}</c:scaling><c:delete val="0"/><c:axPos val="${position}"/>${gridlines}${name}<c:numFmt formatCode="#,##0" sourceLinked="0"/><c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/><c:crossAx val="${cross}"/></c:${tag}>`
}

function titleXml(text: string, size: number): string {
  return `<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="${size}" b="1"/></a:pPr><a:r><a:rPr lang="en-US" sz="${size}" b="1"/><a:t>${escaped(text)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>`
}
