// jose verifies a live token with the published keys, refuses the forged ones, and signs tokens for us to verify.
import { randomBytes } from 'node:crypto'
import {
  calculateJwkThumbprint, createRemoteJWKSet, customFetch, decodeJwt, errors, exportJWK, generateKeyPair, jwtVerify, SignJWT,
} from 'jose'
import { description, forgeries, leave, library } from './node/interop.mjs'

const { audience, scope } = description.jwt
const { name, version, say } = library('jose')
const { good, resigned, forged } = forgeries.jwt

let fetches = 0
const metadata = await (await fetch(`${description.issuer}/.well-known/oauth-authorization-server`)).json()
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
  [customFetch]: (...request) => {
    fetches += 1
    return fetch(...request)
  },
})

async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    issuer: description.issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['EdDSA'],
    requiredClaims: ['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti'],
  })
  // What the library leaves to its user.
  if ('cnf' in payload) throw new Left('cnf')
  if (payload.env !== description.environment) throw new Left('env')
  if (payload.tenant !== description.tenant) throw new Left('tenant')
  if (!payload.scope.split(' ').includes(scope)) throw new Left('scope')
  return payload
}

class Left extends Error {}

const payload = await verify(good)
say('verifies a live token', payload.client_id === description.client_id && payload.sub === payload.client_id)
say("verifies a token signed by the forger with the issuer's key", (await verify(resigned)).sub === payload.sub)
for (const { case: what, token } of forged) {
  try {
    await verify(token)
    say(`refuses: ${what}`, false)
  } catch (error) {
    const left = error instanceof Left
    say(`refuses: ${what}`, left || error instanceof errors.JOSEError, left ? `left to the user: ${error.message}` : undefined)
  }
}
say('fetches keys once for all of them', fetches === 1)

const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
const { privateKey: stranger } = await generateKeyPair('Ed25519')
const jwk = await exportJWK(publicKey)
jwk.kid = await calculateJwkThumbprint(jwk)

function sign({ key = privateKey, typ = 'at+jwt', age = 0 } = {}) {
  const now = Math.floor(Date.now() / 1000) - age
  const { tenant, environment: env } = description
  const { rvs } = decodeJwt(good)
  return new SignJWT({ client_id: 'theirs', scope, tenant, env, rvs })
    .setProtectedHeader({ alg: 'EdDSA', typ, kid: jwk.kid })
    .setIssuer(description.issuer)
    .setAudience(audience)
    .setSubject('theirs')
    .setIssuedAt(now)
    .setExpirationTime(now + 600)
    .setJti(randomBytes(16).toString('base64url'))
    .sign(key)
}

await leave('jose', {
  library: name,
  version,
  format: 'jwt',
  key: jwk,
  token: await sign(),
  forged: [
    { case: 'signed by another key under the same kid', token: await sign({ key: stranger }) },
    { case: 'another typ', token: await sign({ typ: 'dpop+jwt' }) },
    { case: 'over', token: await sign({ age: 601 }) },
  ],
})
