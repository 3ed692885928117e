// What a library is registered as, beside the client that everybody shares, and what its refusals say.
import { readFile } from 'node:fs/promises'
import { description } from './interop.mjs'

const ALGORITHMS = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, EdDSA: 'Ed25519' }
const text = async (path) => (await readFile(path, 'utf8')).trim()

// Each role by its name: a client id, and the secret or the key that it proves itself by.
export async function roles(library) {
  const proved = async ([name, role]) => {
    const { client_id: id, client_secret_file: file, private_key_file: keyFile, algorithm } = role
    if (file) return [name, { id, secret: await text(file) }]
    const jwk = JSON.parse(await text(keyFile))
    return [name, { id, algorithm, key: await crypto.subtle.importKey('jwk', jwk, ALGORITHMS[algorithm], false, ['sign']) }]
  }
  return Object.fromEntries(await Promise.all(Object.entries(description.roles[library]).map(proved)))
}

// A `fetch` that keeps what it sent.
export function recorder() {
  const sent = []
  const send = (url, init) => {
    sent.push({ url, init })
    return fetch(url, init)
  }
  return { sent, send }
}

// The last request once more, byte for byte, as somebody who overheard it would send it.
export async function again(sent) {
  const { url, init } = sent.at(-1)
  const answer = await fetch(url, init)
  const { error, reason } = await answer.json()
  return `${answer.status} ${error} ${reason}`
}

// What a request was refused with, read from the library's own error: status, error and reason.
export async function refusal(asked) {
  try {
    await asked
  } catch (error) {
    // The library stops at the challenge of a 401, and leaves the body to whoever wants it.
    const body = error.cause?.error ? error.cause : await error.response?.json()
    return body ? `${error.status} ${body.error} ${body.reason}` : `${error}`
  }
  return 'granted'
}

// The claims of a JWT that nobody has verified.
export const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))

// The proofs of possession that were sent, as far as there were any.
export const proofs = (sent) => sent.map(({ init }) => init.headers.dpop).filter(Boolean).map(claims)

// Whether it comes true within the seconds that news of the revocation log may take.
export async function soon(holds) {
  for (const end = Date.now() + 5000; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
    if (await holds()) return true
  }
  return false
}

// A negative case: refused, and with these words.
export async function refused(say, what, asked, expected) {
  const told = await (typeof asked === 'function' ? asked() : refusal(asked))
  say(`is refused: ${what}`, told === expected || (expected.endsWith(' ') && told.startsWith(expected)), told)
}
