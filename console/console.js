// What is better with script, and works without: the menu is closed on narrow screens until it is asked for.
const menu = document.querySelector('nav.side > details')
if (menu && matchMedia('(max-width: 63.99em)').matches) menu.removeAttribute('open')

// Long work: its page follows how far it is, and is opened again at the end.
const work = document.querySelector('[data-job]')
if (work) {
  const bar = work.querySelector('progress')
  const phase = work.querySelector('[data-phase]')
  const look = async () => {
    try {
      const reply = await fetch(`/console/v1/jobs/${work.dataset.job}`)
      const job = await reply.json()
      if (!reply.ok || !['queued', 'running'].includes(job.state)) return location.reload()
      bar.value = job.progress.total > 0 ? job.progress.done / job.progress.total : 0
      if (phase.textContent !== job.progress.phase) phase.textContent = job.progress.phase
      setTimeout(look, 1000)
    } catch {
      setTimeout(look, 5000)
    }
  }
  setTimeout(look, 500)
}
