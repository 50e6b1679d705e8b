/** What stands where devices would be, as long as a city has none: the next step, or who can take it. */

export function NoDevices({ mayChange }: { readonly mayChange: boolean }) {
  return (
    <div class="empty">
      <p class="lead">No devices yet. Bring a spreadsheet: any columns, any order.</p>
      {mayChange ? (
        <p class="row">
          <a class="button" href="/console/imports/new">
            Choose a file
          </a>
          <a class="button quiet" href="/console/devices/new">
            Enter one by hand
          </a>
        </p>
      ) : (
        <p>Your key reads only. Ask the people of the city who may change the register to bring the list.</p>
      )}
    </div>
  )
}
