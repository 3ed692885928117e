// DPoP (RFC 9449): tokens that are worth nothing without the key, at the issuer and at a service.
import { again, claims, proofs, refused } from './roles.mjs'

const ELSEWHERE = 'https://elsewhere.example/oauth2/token'

// `bound({ pair, proved })` is the client with this key; without a pair it sends no proofs. `pairOf(algorithm)` is a new key.
export async function possession({ bound, pairOf }, say) {
  const bare = await bound({})
  for (const algorithm of ['ES256', 'EdDSA']) {
    const pair = await pairOf(algorithm)
    const holder = await bound({ pair })
    const token = await holder.ask()
    const jkt = await holder.thumbprint()
    const isBound = token.token_type === 'dpop' && claims(token.access_token).cnf.jkt === jkt
    // The first proof has no nonce, is told one, and the library tries again.
    const [blind, ...told] = proofs(holder.sent)
    say('gets a token bound to its key', isBound && !blind.nonce && told.length === 1 && told[0].nonce.length > 0, algorithm)
    await refused(say, 'a proof that was used before', () => again(holder.sent), '400 invalid_dpop_proof dpop_proof_replayed')

    const renewed = await holder.refresh(token.refresh_token)
    say('refreshes with its key', claims(renewed.access_token).cnf.jkt === jkt && renewed.refresh_token !== token.refresh_token, algorithm)
    const seen = await holder.introspect(renewed.access_token)
    say('introspects a bound token', seen.active && seen.cnf.jkt === jkt && seen.token_type === 'DPoP', algorithm)
    const answer = await holder.call(renewed.access_token)
    say('calls a service with its key', answer.status === 200 && (await answer.json()).client_id === holder.id, algorithm)
    await refused(say, 'a proof that a service has seen', () => again(holder.sent), '401 invalid_dpop_proof dpop_proof_replayed')

    await refused(say, 'a bound token as Bearer', bare.call(renewed.access_token), '401 invalid_token proof_required')
    await refused(say, 'a refresh without the key', bare.refresh(renewed.refresh_token), '400 invalid_dpop_proof dpop_proof_required')
    const thief = await bound({ pair: await pairOf(algorithm) })
    await refused(say, 'a refresh with another key', thief.refresh(renewed.refresh_token), '400 invalid_grant refresh_token_other_key')
    await refused(say, 'a call with another key', thief.call(renewed.access_token), '401 invalid_token ')
    const lost = await bound({ pair, proved: (_, payload) => Object.assign(payload, { htu: ELSEWHERE }) })
    await refused(say, 'a proof for another address', lost.ask(), '400 invalid_dpop_proof dpop_url_mismatch')
    await refused(say, 'a proof for another service', lost.call(renewed.access_token), '401 invalid_dpop_proof dpop_url_mismatch')
    const stale = await bound({ pair, proved: (_, payload) => Object.assign(payload, { iat: payload.iat - 3600 }) })
    await refused(say, 'a proof of an hour ago', stale.ask(), '400 invalid_dpop_proof dpop_proof_too_old')
  }
  await refused(say, 'a request without a proof', bare.ask(), '400 invalid_dpop_proof dpop_proof_required')
}
