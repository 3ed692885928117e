import { createPublicKey } from 'node:crypto'
import jwt from '@fastify/jwt'
import fastify from 'fastify'
import buildGetJwks from 'get-jwks'

const { MATRIX_PORT, MATRIX_ISSUER, MATRIX_AUDIENCE } = process.env
const app = fastify()
const getJwks = buildGetJwks({ providerDiscovery: true, issuersWhitelist: [MATRIX_ISSUER] })

// Its own getPublicKey ends in `Unsupported key type "OKP"`; node itself reads the JWK.
const secret = async (_, { header: { kid, alg } }) => {
  const key = await getJwks.getJwk({ kid, alg, domain: MATRIX_ISSUER })
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
}

app.register(jwt, { decode: { complete: true }, secret, namespace: 'plain' })
app.register(jwt, {
  decode: { complete: true }, secret, namespace: 'told',
  verify: {
    algorithms: ['EdDSA'], checkTyp: 'at+jwt', allowedIss: MATRIX_ISSUER, allowedAud: MATRIX_AUDIENCE,
    requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti'],
  },
})

// What is left to the application.
const ours = ({ env, tenant, scope }) => env === 'test' && tenant === 'acme' && scope.split(' ').includes('invoices:read')

app.get('/default', { onRequest: (request) => request.plainJwtVerify() }, async () => 'reached')
app.get('/told', { onRequest: (request) => request.toldJwtVerify() }, async () => 'reached')
app.get('/complete', {
  onRequest: async (request, reply) => {
    await request.toldJwtVerify()
    if (!ours(request.user)) return reply.code(403).send('refused')
  },
}, async () => 'reached')
app.listen({ port: MATRIX_PORT, host: '127.0.0.1' })
