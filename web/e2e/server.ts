/** The real server, on a free port with a data folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BINARY = process.env.BULQ_BIN ?? new URL('../../target/debug/bulq', import.meta.url).pathname
/** The app as it was built. */
export const DIST = new URL('../dist', import.meta.url).pathname

export class Server {
  address = ''
  private child: ChildProcess | undefined
  private readonly data = mkdtempSync(join(tmpdir(), 'bulq-e2e-'))

  private readonly settings: Record<string, string>

  constructor(settings: Record<string, string>) {
    this.settings = settings
  }

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const server = new Server(settings)
    await server.up('127.0.0.1:0')
    return server
  }

  /** As if the power failed, and came back. */
  async killAndRestart(): Promise<void> {
    await this.end('SIGKILL')
    await this.up(new URL(this.address).host)
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.up(new URL(this.address).host)
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
    rmSync(this.data, { recursive: true, force: true })
  }

  private async up(listen: string): Promise<void> {
    const child = spawn(BINARY, ['serve', '--listen', listen, '--data', this.data], {
      // Everybody here comes from one address.
      env: { ...process.env, BULQ_WEB_DIR: DIST, RUST_LOG: 'error', BULQ_RATE_LIMITS: 'off', ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    this.address = await new Promise((resolve, reject) => {
      let said = ''
      const listenTo = (chunk: Buffer) => {
        said += chunk
        const found = said.match(/http:\/\/[\d.]+:\d+/)
        if (found) resolve(found[0])
      }
      child.stdout.on('data', listenTo)
      child.stderr.on('data', listenTo)
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
    })
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }
}
