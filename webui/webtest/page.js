(name, args) => {
  const PATIENCE = 250 // ms for one look; the caller repeats it
  const PERIOD = 50 // ms, for what no mutation announces: styles, values
  const key = Symbol.for('webtest press')

  const find = s => document.querySelector(s)
  const visible = e => {
    const box = e.getBoundingClientRect()
    return box.width > 0 && box.height > 0 && e.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  }
  const named = e => e ? e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') : 'nothing'

  // usable answers why a user could not act on the element, or ''.
  const usable = (e, s) => {
    if (!e) return 'no such element'
    if (!visible(e)) return 'not visible'
    if (e.matches(':disabled')) return 'disabled'
    return ''
  }

  const on = (e, hit) => e.contains(hit) || hit.closest?.('label')?.control === e

  // watch sees where the next press lands. The page may move while it is on its
  // way: a press that misses the element does nothing.
  const PRESS = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']
  const watch = e => {
    window[key]?.stop()
    const press = { landed: '' }
    const see = event => {
      if (!event.isTrusted) return
      if (!on(e, event.composedPath()[0])) press.landed = 'beside'
      else if (event.type === 'click' && !press.landed) press.landed = 'there'
      if (press.landed === 'beside') {
        event.preventDefault()
        event.stopImmediatePropagation()
      }
      if (event.type === 'click') press.stop()
    }
    press.stop = () => PRESS.forEach(kind => removeEventListener(kind, see, true))
    PRESS.forEach(kind => addEventListener(kind, see, true))
    Object.defineProperty(window, key, { value: press, configurable: true })
  }

  const looks = {
    there: s => find(s) ? { done: true } : { why: 'no such element' },
    shown: s => {
      const all = [...document.querySelectorAll(s)]
      if (all.some(visible)) return { done: true }
      return { why: all.length ? 'not visible' : 'no such element' }
    },
    hidden: s => [...document.querySelectorAll(s)].some(visible) ? { why: 'still visible' } : { done: true },
    text: t => (document.body?.innerText ?? '').includes(t) ? { done: true } : { why: 'no such text' },

    aim: s => {
      const e = find(s)
      const why = usable(e)
      if (why) return { why }
      e.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
      const box = e.getClientRects()[0]
      const x = box.x + box.width / 2, y = box.y + box.height / 2
      const hit = document.elementFromPoint(x, y)
      if (!hit || !on(e, hit)) return { why: 'covered by ' + named(hit) }
      watch(e)
      return { done: { X: x, Y: y } }
    },
    // A page that knows of no press has come in place of the one pressed.
    landed: () => {
      const press = window[key]
      if (!press) return { done: 'there' }
      if (!press.landed) return { why: 'the press has not arrived' }
      press.stop()
      return { done: press.landed }
    },
    focus: s => {
      const e = find(s)
      if (e && (e === document.body || e === document.activeElement && s === ':focus')) return { done: true }
      const why = usable(e)
      if (why) return { why }
      if (e.readOnly) return { why: 'read-only' }
      e.focus()
      if (document.activeElement !== e) return { why: 'cannot be focused' }
      if (e.select) e.select()
      return { done: true }
    },
    fill: (s, text) => {
      const focused = looks.focus(s)
      if (!focused.done) return focused
      const e = find(s)
      e.value = text
      e.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }))
      e.dispatchEvent(new Event('change', { bubbles: true }))
      return { done: true }
    },
  }

  return new Promise((resolve, reject) => {
    let observer, period, end
    const finish = (settle, value) => {
      observer?.disconnect()
      clearInterval(period)
      clearTimeout(end)
      settle(value)
    }
    const look = last => {
      try {
        const seen = looks[name](...args)
        if (seen.done || last) finish(resolve, JSON.stringify(seen))
        return seen.done
      } catch (e) {
        finish(reject, e)
        return true
      }
    }
    if (look(false)) return
    observer = new MutationObserver(() => look(false))
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    period = setInterval(look, PERIOD, false)
    end = setTimeout(look, PATIENCE, true)
  })
}
