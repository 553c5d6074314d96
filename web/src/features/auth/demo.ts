import { send } from '../../api/client'

export interface DemoLogins {
  password: string | null
  people: { username: string; name: string }[]
}

/** People to try the demo as; none on a real server. */
export function demoLogins(): Promise<DemoLogins> {
  return send('GET', '/demo.json')
}
