const $ = id => document.getElementById(id)

$('fragment').textContent = 'fragment ' + location.hash.slice(1)
history.replaceState(null, '', location.pathname)
addEventListener('hashchange', () => { $('fragment').textContent = 'changed ' + location.hash.slice(1) })

$('scheme').textContent = (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') +
  ' ' + innerWidth + 'x' + innerHeight + ' ' + navigator.language + ' subtle ' + (crypto.subtle !== undefined)

$('name').addEventListener('keydown', e => { if (e.isTrusted) $('keys').textContent += e.key + ' ' })
$('file').addEventListener('change', async e => {
  const all = [...e.target.files]
  const texts = await Promise.all(all.map(f => f.text()))
  $('files').textContent = all.map((f, i) => f.name + '=' + texts[i]).join(' ')
})
$('fetch').addEventListener('click', async () => {
  try {
    const r = await fetch('/echo', { method: 'POST', body: new Blob(['ping']) })
    $('fetched').textContent = r.status + ' ' + await r.text()
  } catch (e) {
    $('fetched').textContent = 'failed'
  }
})
$('save').addEventListener('click', () => {
  const a = document.createElement('a')
  a.href = URL.createObjectURL(new Blob(['saved content'], { type: 'application/octet-stream' }))
  a.download = 'نامه.txt'
  a.click()
})
$('later').addEventListener('click', () => setTimeout(() => { $('late').className = '' }, 200))
$('under').addEventListener('click', () => { $('under').textContent = 'pressed' })
$('break').addEventListener('click', () => {
  const s = document.createElement('script')
  document.body.append(s)
  document.body.style.setProperty('color', 'red')
  const i = new Image()
  i.src = 'http://tracker.example/pixel.png'
  console.error('said aloud')
  setTimeout(() => { throw new Error('thrown ' + 'late') })
})
$('stranger').addEventListener('click', () => {
  location.href = 'http://stranger.example/'
})
$('ask').addEventListener('click', () => { $('ask').textContent = confirm('sure?') ? 'yes' : 'no' })
