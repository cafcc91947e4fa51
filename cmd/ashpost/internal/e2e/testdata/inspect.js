// Says what is wrong with the page as it is, in one writing direction; '' if nothing is.
globalThis.inspect = async dir => {
  document.documentElement.dir = dir
  const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
  const found = violations.map(v => `${v.id} (${v.help}): ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)

  const named = e => e.tagName.toLowerCase() + (e.id && '#' + e.id)
  const shown = s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility({ opacityProperty: true }))
  const width = document.documentElement.clientWidth
  for (const e of shown('body *')) {
    const box = e.getBoundingClientRect()
    if (box.left < -1 || box.right > width + 1) found.push(`beyond the edge: ${named(e)}`)
  }
  // A finger needs 44 pixels. Links within a sentence are as high as the sentence.
  for (const e of shown('a, button, summary, textarea, input, label.button, .choices label')) {
    if (e.closest('p, article') || e.matches('.choices input')) continue
    if (e.getBoundingClientRect().height < 44) found.push(`too low for a finger: ${named(e)}`)
  }
  return found.join('\n')
}
