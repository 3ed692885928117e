// node jose gets a token and verifies it with the published key set, and refuses forged ones.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose'

const { version } = createRequire(import.meta.url)('jose/package.json')
const issuer = JSON.parse(await readFile(process.env.CHANCERY_INTEROP, 'utf8'))
const product = issuer.jwt

function say(name, ok, note) {
  console.log(JSON.stringify({ library: 'jose', version, case: name, outcome: ok ? 'ok' : 'failed', note }))
}

async function json(url, form) {
  const answer = await fetch(url, form && { method: 'POST', body: new URLSearchParams(form) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer.json()
}

const metadata = await json(`${issuer.issuer}/.well-known/oauth-authorization-server`)
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri))
const { access_token: token } = await json(metadata.token_endpoint, {
  grant_type: 'client_credentials',
  client_id: issuer.client_id,
  client_secret: (await readFile(issuer.client_secret_file, 'utf8')).trim(),
  scope: product.scope,
  resource: product.audience,
})

async function verify(text, expected = {}) {
  const { payload } = await jwtVerify(text, keys, {
    issuer: issuer.issuer,
    audience: product.audience,
    typ: 'at+jwt',
    algorithms: ['EdDSA', 'Ed25519'],
    requiredClaims: ['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti'],
    ...expected,
  })
  // What a stock library leaves to its user: the environment, the tenant, the scope.
  if (payload.env !== issuer.environment || payload.tenant !== issuer.tenant) throw new errors.JWTClaimValidationFailed('tenant')
  if (!payload.scope.split(' ').includes(product.scope)) throw new errors.JWTClaimValidationFailed('scope')
  return payload
}

async function refuses(name, text, expected) {
  try {
    await verify(text, expected)
    say(name, false)
  } catch (error) {
    say(name, error instanceof errors.JOSEError)
  }
}

const payload = await verify(token)
say('verifies a live token', payload.client_id === issuer.client_id && payload.sub === payload.client_id)
const [header, claims, signature] = token.split('.')
const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
const flip = (segment, at) => {
  const bytes = Buffer.from(segment, 'base64url')
  bytes[at] ^= 1
  return bytes.toString('base64url')
}
await refuses('refuses a flipped signature bit', [header, claims, flip(signature, 5)].join('.'))
await refuses('refuses a flipped claim bit', [header, flip(claims, 9), signature].join('.'))
await refuses('refuses a signature cut short', [header, claims, signature.slice(0, -4)].join('.'))
await refuses('refuses alg none', [encode({ ...decodeProtectedHeader(token), alg: 'none' }), claims, ''].join('.'))
await refuses('refuses a longer life under the old signature', [header, encode({ ...payload, exp: payload.exp + 9 }), signature].join('.'))
await refuses('refuses another kind of token', token, { typ: 'dpop+jwt' })
await refuses('refuses another audience', token, { audience: 'https://other.example' })
await refuses('refuses another issuer', token, { issuer: 'https://other.example' })
