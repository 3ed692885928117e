// A verifier beside a gateway that cannot verify by itself: GET /check/<scope> answers 200, 401, 403 or 503.
import { createServer } from 'node:http'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const { MATRIX_SECOND_PORT, MATRIX_ISSUER, MATRIX_AUDIENCE, MATRIX_JWKS } = process.env
const keys = createRemoteJWKSet(new URL(MATRIX_JWKS))
const options = {
  issuer: MATRIX_ISSUER, audience: MATRIX_AUDIENCE, typ: 'at+jwt', algorithms: ['EdDSA', 'Ed25519'],
  requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
}

async function judge(authorization, scope) {
  const [, token] = /^Bearer ([^ ]+)$/.exec(authorization ?? '') ?? []
  if (!token) return [401, { 'WWW-Authenticate': 'Bearer' }]
  try {
    const { payload } = await jwtVerify(token, keys, options)
    if (payload.env !== 'test' || payload.tenant !== 'acme' || 'cnf' in payload) return [401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }]
    const granted = payload.scope?.split(' ').includes(scope)
    if (!granted) return [403, { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${scope}"` }]
    return [200, { 'X-Client-Id': payload.client_id }]
  } catch (fault) {
    // Without a code of its own it is what jose says of an issuer that answers, and not with keys.
    const isOurs = !(fault instanceof errors.JOSEError) || ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT'].includes(fault.code)
    return isOurs ? [503, {}] : [401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }]
  }
}

createServer(async (request, answer) => {
  const [status, headers] = await judge(request.headers.authorization, request.url.slice('/check/'.length))
  answer.writeHead(status, headers).end()
}).listen(MATRIX_SECOND_PORT, '127.0.0.1')
