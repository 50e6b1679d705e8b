/** Model numbers as feeds, licences and releases write them, against what is on the label. */

/**
 * A test for model numbers. In a pattern a small `x` is one letter or digit, `(…)` may be absent, a final `*` is
 * any ending; every other letter means itself in either case (write a literal X as a capital). `/` and spaces are
 * the same. In a model number text in parentheses may be a suffix or a remark, so both readings are tried.
 */
export function modelMatcher(pattern: string): (model: string) => boolean {
  const text = pattern.trim().replace(/[\s/]+/g, ' ')
  let source = ''
  for (const [i, character] of [...text].entries()) {
    if (character === 'x') source += '[A-Z0-9]'
    else if (character === '(') source += '(?:'
    else if (character === ')') source += ')?'
    else if (character === '*' && i === text.length - 1) source += '.*'
    else source += character.toUpperCase().replace(/[^A-Z0-9 ]/g, '\\$&')
  }
  let expression: RegExp
  try {
    expression = new RegExp(`^${source}$`)
  } catch {
    // Unbalanced parentheses in a feed: the pattern means only itself.
    expression = new RegExp(
      `^${pattern
        .trim()
        .toUpperCase()
        .replace(/[^A-Z0-9 ]/g, '\\$&')}$`,
    )
  }
  return (model) => modelReadings(model).some((reading) => expression.test(reading))
}

/** The readings of a model number with text in parentheses kept and left out, lens sizes dropped. */
function modelReadings(model: string): readonly string[] {
  const upper = model.toUpperCase().replace(/[\s/]+/g, ' ')
  const tidy = (text: string) =>
    text
      .replace(/\s*\d+(?:\.\d+)?(?:\s*[-~]\s*\d+(?:\.\d+)?)?\s*MM$/, '')
      .replace(/ +/g, ' ')
      .trim()
  return [...new Set([tidy(upper.replace(/[()]/g, '')), tidy(upper.replace(/\([^)]*\)/g, ''))])]
}
