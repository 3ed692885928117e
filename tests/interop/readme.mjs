// The Node programs of README.md and the guides, run as they stand there: each takes a live token and refuses every forged one.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// This file may be a copy that stands beside the libraries, somewhere below the root.
const here = dirname(fileURLToPath(import.meta.url))
let root = here
while (!existsSync(join(root, 'docs/guides'))) {
  if (root === dirname(root)) throw new Error('no folder above has docs/guides')
  root = dirname(root)
}
const guides = readdirSync(join(root, 'docs/guides')).filter((name) => name.endsWith('.md')).sort()
const pages = ['README.md', ...guides.map((name) => `docs/guides/${name}`)]
const blocks = /^```js\n(.*?)\n```$/gms

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
const told = read(process.env.CHANCERY_INTEROP)
const forgeries = read(told.forgeries).jwt
const put = {
  'http://127.0.0.1:8420': told.issuer,
  'https://api.documint.example': told.jwt.audience,
  'invoices:read': told.jwt.scope,
  "'test'": `'${told.environment}'`,
  "'acme'": `'${told.tenant}'`,
}

// Whether the program takes the token that it reads: then it ends with 0 and says so.
function takes(program, token) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: here, timeout: 60_000 })
    let [out, err] = ['', '']
    child.stdout.on('data', (data) => { out += data })
    child.stderr.on('data', (data) => { err += data })
    child.on('error', reject)
    child.on('close', (code) => resolve({ taken: code === 0 && out !== '', err }))
    // Whoever has read enough closes it; that is its right.
    child.stdin.on('error', () => {})
    child.stdin.end(`${token}\n`)
  })
}

function say(page, name, ok, note) {
  const outcome = ok ? 'ok' : 'failed'
  console.log(JSON.stringify({ library: `${page} (Node)`, version: process.versions.node, case: name, outcome, note }))
}

let found = 0
for (const page of pages) {
  for (const [, shown] of readFileSync(join(root, page), 'utf8').matchAll(blocks)) {
    // What reads no token from its standard input is a part of a program.
    if (!shown.includes('readFileSync(0')) continue
    found += 1
    const program = Object.entries(put).reduce((text, [from, to]) => text.replaceAll(from, to), shown)
    const must = { 'verifies a live token': forgeries.good, "verifies a token signed by the forger with the issuer's key": forgeries.resigned }
    for (const [name, token] of Object.entries(must)) {
      const { taken, err } = await takes(program, token)
      say(page, name, taken, taken ? undefined : err.slice(-300))
    }
    const rest = [...forgeries.forged]
    const worker = async () => {
      for (let forgery = rest.shift(); forgery; forgery = rest.shift()) {
        say(page, `refuses: ${forgery.case}`, !(await takes(program, forgery.token)).taken)
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
  }
}
if (found === 0) throw new Error('no page has a program for Node')
