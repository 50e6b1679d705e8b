/** States whose law can bind a city: the 50, the District of Columbia and the territories, as USPS writes them. */

const CODES =
  'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK ' +
  'OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI'

export const STATES: ReadonlySet<string> = new Set(CODES.split(' '))
