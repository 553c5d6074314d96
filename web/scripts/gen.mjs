// Writes src/api/gen from the server's own documents: types, Zod schemas and one typed operation per route.
//   node scripts/gen.mjs            writes it anew
//   node scripts/gen.mjs --check    fails if what is committed is not what the documents say

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'

const root = new URL('..', import.meta.url).pathname
const api = join(root, '../docs/api')
const committed = join(root, 'src/api/gen')
const check = process.argv.includes('--check')

/** HTTP and live connection as one document: they share their types, and frames become schemas of their own. */
function input() {
  const http = JSON.parse(readFileSync(join(api, 'openapi.json'), 'utf8'))
  const live = JSON.parse(readFileSync(join(api, 'asyncapi.json'), 'utf8'))
  for (const path of Object.keys(http.paths)) if (!path.startsWith('/api/v1/')) delete http.paths[path]
  Object.assign(http.components.schemas, { ...live.components.schemas, ...http.components.schemas })
  for (const [name, message] of Object.entries(live.components.messages)) {
    http.components.schemas[`Frame${pascal(name)}`] = message.payload
  }
  tame(http)
  return http
}

/**
 * The server's 64-bit integers stay below 2^53 (minor units of money, seq), so the format that would make them bigint goes.
 * That unknown fields are refused is the server's to say; as a type it would forbid the `type` beside an empty command.
 */
function tame(node) {
  if (Array.isArray(node)) return node.forEach(tame)
  if (node === null || typeof node !== 'object') return
  if (node.format === 'int64' || node.format === 'uint64') delete node.format
  if (node.additionalProperties === false) delete node.additionalProperties
  Object.values(node).forEach(tame)
}

const pascal = (name) => name.replace(/(^|[_-])([a-z0-9])/g, (_, __, letter) => letter.toUpperCase())
const camel = (name) => name.replace(/[_-]([a-z0-9])/g, (_, letter) => letter.toUpperCase())

/** One line per route; a screen imports only those it calls. */
function operations(document) {
  const lines = []
  const schemas = []
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const name = camel(operation.operationId)
      const type = pascal(operation.operationId)
      const answered = Object.entries(operation.responses).some(([status, r]) => status < '3' && r.content)
      const answer = answered ? `T.${type}Response` : 'void'
      const kind = method === 'get' ? 'query' : 'mutation'
      lines.push(`/** ${operation.summary} */`)
      lines.push(
        `export const ${name} = /*#__PURE__*/ ${kind}<T.${type}Data, ${answer}>('${method.toUpperCase()}', '${path}')`,
      )
      if (answered) schemas.push(`  '${method.toUpperCase()} ${path}': Z.z${type}Response,`)
    }
  }
  return {
    'operations.gen.ts': [
      HEAD,
      "import { mutation, query } from '../operation'",
      "import type * as T from './types.gen'",
      '',
      ...lines,
      '',
    ].join('\n'),
    'answers.gen.ts': [
      HEAD,
      "import * as Z from './zod.gen'",
      '',
      '/** What each route answers. */',
      'export const answers = {',
      ...schemas,
      '} as const',
      '',
    ].join('\n'),
  }
}

const HEAD = '// Written by scripts/gen.mjs from docs/api; not to be edited.'

async function generate(folder, document) {
  const file = join(mkdtempSync(join(tmpdir(), 'bulq-gen-')), 'input.json')
  writeFileSync(file, JSON.stringify(document))
  await createClient({
    input: file,
    output: { path: folder, entryFile: false },
    logs: { level: 'silent' },
    plugins: ['@hey-api/typescript', { name: 'zod', compatibilityVersion: 'mini', dates: { offset: true } }],
  })
  rmSync(join(file, '..'), { recursive: true })
  for (const [name, text] of Object.entries(operations(document))) writeFileSync(join(folder, name), text)
}

function differing(fresh) {
  const names = new Set([...readdirSync(fresh), ...(existsSync(committed) ? readdirSync(committed) : [])])
  const text = (folder, name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '')
  return [...names].filter((name) => text(fresh, name) !== text(committed, name))
}

const folder = check ? mkdtempSync(join(tmpdir(), 'bulq-gen-')) : committed
await generate(folder, input())
if (check) {
  const stale = differing(folder)
  rmSync(folder, { recursive: true })
  if (stale.length > 0) {
    console.error(`src/api/gen is not what docs/api says (${stale.join(', ')}): npm run gen, and commit the diff`)
    process.exit(1)
  }
}
