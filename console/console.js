// What is better with script, and works without: the menu is closed on narrow screens until it is asked for.
const menu = document.querySelector('nav.side > details')
if (menu && matchMedia('(max-width: 63.99em)').matches) menu.removeAttribute('open')
