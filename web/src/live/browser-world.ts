import type { World } from './connection'

export const browserWorld: World = {
  connect(events) {
    const socket = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/api/v1/ws`)
    socket.onopen = () => events.open()
    socket.onmessage = (message) => events.message(String(message.data))
    socket.onclose = ({ code, reason }) => events.close(code, reason)
    return {
      send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
      close: () => socket.close(),
    }
  },
  now: () => performance.now(),
  random: () => Math.random(),
  later(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
