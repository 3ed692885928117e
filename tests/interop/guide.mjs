// The Node program of docs/guides/refresh.md, run as it stands there: it keeps its session, whatever happens to it.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { description, library } from './node/interop.mjs'
import { claims } from './node/roles.mjs'

const PAGE = 'docs/guides/refresh.md'

// This file may be a copy that stands beside the libraries, somewhere below the root.
const here = dirname(fileURLToPath(import.meta.url))
let root = here
while (!existsSync(join(root, PAGE))) {
  if (root === dirname(root)) throw new Error(`no folder above has ${PAGE}`)
  root = dirname(root)
}
const [, shown] = /^```js\n(\/\/ reporter\.mjs .*?)\n```$/ms.exec(readFileSync(join(root, PAGE), 'utf8'))
const folder = mkdtempSync(join(here, 'guide-'))
const [program, file] = ['reporter.mjs', 'session.json'].map((name) => join(folder, name))
writeFileSync(program, shown)

const { client_id: id, client_secret_file: secret } = description.roles.guide.session
const run = () => execFileSync(process.execPath, [program, description.issuer, id, secret, file], { encoding: 'utf8' }).trim()
const kept = () => JSON.parse(readFileSync(file, 'utf8'))
const put = (session) => writeFileSync(file, JSON.stringify(session))
const { version } = library('openid-client')
const say = (name, ok) =>
  console.log(JSON.stringify({ library: `${PAGE} (openid-client)`, version, case: name, outcome: ok ? 'ok' : 'failed' }))

const first = run()
const begun = kept()
const { sid, cnf } = claims(first)
say('prints a good token', first === begun.access_token && begun.token_type === 'dpop' && cnf.jkt.length > 0)
say('keeps it until it ends', run() === first && kept().refresh_token === begun.refresh_token)

put({ ...kept(), expires_at: 0 })
const second = claims(run())
const renewed = kept()
say('refreshes it', second.sid === sid && second.cnf.jkt === cnf.jkt && renewed.refresh_token !== begun.refresh_token)

put({ ...begun, expires_at: 0 })
say('goes on after an answer was lost', claims(run()).sid === sid && kept().refresh_token === renewed.refresh_token)

put({ ...kept(), expires_at: 0, refresh_token: 'of nobody' })
const anew = claims(run())
say('begins anew when its session is over', anew.sid !== sid && anew.cnf.jkt === cnf.jkt)
rmSync(folder, { recursive: true })
