// What the Node clients share: the description, and how a verdict is said.
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const json = async (path) => JSON.parse(await readFile(path, 'utf8'))

export const description = await json(process.env.CHANCERY_INTEROP)
export const forgeries = await json(description.forgeries)
export const secret = (await readFile(description.client_secret_file, 'utf8')).trim()

export function library(name) {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`)
  return {
    name,
    version,
    say(caseName, ok, note) {
      console.log(JSON.stringify({ library: name, version, case: caseName, outcome: ok ? 'ok' : 'failed', note }))
    },
  }
}

export const leave = (client, theirs) => writeFile(join(description.theirs, `${client}.json`), JSON.stringify(theirs))
