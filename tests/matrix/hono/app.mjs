import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwk } from 'hono/jwk'

const { MATRIX_PORT, MATRIX_ISSUER, MATRIX_AUDIENCE, MATRIX_JWKS } = process.env
const app = new Hono()
const options = { jwks_uri: MATRIX_JWKS, alg: ['EdDSA'] }
const told = jwk({ ...options, verification: { typ: 'at+jwt', iss: MATRIX_ISSUER, aud: MATRIX_AUDIENCE } })

// What is left to the application: a token without `exp` is let in too.
const ours = ({ exp, env, tenant, scope }) =>
  exp && env === 'test' && tenant === 'acme' && scope.split(' ').includes('invoices:read')

app.use('/default', jwk(options))
app.use('/told', told)
app.use('/complete', told, async (context, next) => ours(context.get('jwtPayload')) ? next() : context.text('refused', 403))
app.get('/*', (context) => context.text('reached'))
serve({ fetch: app.fetch, port: Number(MATRIX_PORT), hostname: '127.0.0.1' })
