import express from 'express'
import { auth, claimCheck, requiredScopes } from 'express-oauth2-jwt-bearer'

const { MATRIX_PORT, MATRIX_ISSUER, MATRIX_AUDIENCE, MATRIX_JWKS } = process.env
const app = express()
const fine = (_, answer) => answer.send('reached')

const told = [
  auth({
    issuer: MATRIX_ISSUER, jwksUri: MATRIX_JWKS, audience: MATRIX_AUDIENCE,
    tokenSigningAlg: 'EdDSA', strict: true, clockTolerance: 0,
  }),
  requiredScopes('invoices:read'),
]

app.get('/default', auth({ issuerBaseURL: MATRIX_ISSUER, audience: MATRIX_AUDIENCE }), fine)
app.get('/told', told, fine)
app.get('/complete', told, claimCheck(({ env, tenant, cnf }) => env === 'test' && tenant === 'acme' && cnf === undefined), fine)
app.listen(MATRIX_PORT, '127.0.0.1')
