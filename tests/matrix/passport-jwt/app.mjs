import express from 'express'
import jwksRsa from 'jwks-rsa'
import passport from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

const { MATRIX_PORT, MATRIX_ISSUER, MATRIX_AUDIENCE, MATRIX_JWKS } = process.env
const app = express()
const fine = (_, answer) => answer.send('reached')
const common = {
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri: MATRIX_JWKS, cache: true }),
}
const accept = (claims, done) => done(null, claims)

// What the recipes of NestJS use too. jsonwebtoken does the work.
passport.use('default', new Strategy(common, accept))
passport.use('told', new Strategy({ ...common, algorithms: ['EdDSA'], issuer: MATRIX_ISSUER, audience: MATRIX_AUDIENCE }, accept))
for (const name of ['default', 'told']) app.get(`/${name}`, passport.authenticate(name, { session: false }), fine)
app.use((error, _request, answer, _next) => answer.status(error.status ?? 500).send(error.message))
app.listen(MATRIX_PORT, '127.0.0.1')
