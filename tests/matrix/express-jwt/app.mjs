import express from 'express'
import { expressjwt } from 'express-jwt'
import jwksRsa from 'jwks-rsa'

const { MATRIX_PORT, MATRIX_ISSUER, MATRIX_AUDIENCE, MATRIX_JWKS } = process.env
const app = express()
const fine = (_, answer) => answer.send('reached')
const secret = jwksRsa.expressJwtSecret({ jwksUri: MATRIX_JWKS, cache: true })

// `algorithms` must be given. jsonwebtoken, which does the work, does not know this one.
app.get('/default', expressjwt({ secret, algorithms: ['EdDSA'] }), fine)
app.get('/told', expressjwt({ secret, algorithms: ['EdDSA'], issuer: MATRIX_ISSUER, audience: MATRIX_AUDIENCE }), fine)
app.use((error, _request, answer, _next) => answer.status(error.status ?? 500).send(error.message))
app.listen(MATRIX_PORT, '127.0.0.1')
