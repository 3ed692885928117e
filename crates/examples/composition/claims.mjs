// What a request may do, for a service behind a proxy that asks `chancery gate`. To be copied as it is.
//
// The gate has checked the token, the revocation log and the scope of the route. It cannot see the record, so the
// tenant and the bounds are checked here, and the scope once more: a line costs nothing, and a wrong table of routes
// at the gate is then no open door.

// The answer in place of the one that was asked for.
export class Refused extends Error {
  constructor(status, body, headers = {}) {
    super(body.reason)
    Object.assign(this, { status, body, headers })
  }
}

// The claims that the proxy copied from the gate's answer.
//
// They are only as good as the way they came: a client that reaches this service past the proxy writes them itself.
// So listen where nobody but the proxy can knock.
export function fromGate(request, scope) {
  const [written, tenant] = [once(request, 'chancery-claims'), once(request, 'chancery-tenant')]
  if (written === '') {
    throw wiring('claims_empty', 'the gate takes this route for a public one: give both the same routes')
  }
  let claims
  try {
    claims = JSON.parse(Buffer.from(written, 'base64url').toString())
  } catch {
    claims = undefined
  }
  // Where the tenants differ, the proxy sets one of these headers, and the client the other.
  if (typeof claims?.scope !== 'string' || typeof claims.tenant !== 'string' || claims.tenant !== tenant) {
    throw wiring('claims_unreadable', 'Chancery-Claims is not what the gate writes')
  }
  if (!claims.scope.split(' ').includes(scope)) {
    throw new Refused(403, { error: 'insufficient_scope', reason: 'insufficient_scope', required: [scope] })
  }
  const bounds = claims.bounds ?? {}
  // A bound under the name of a scope holds for that scope alone.
  const general = Object.entries(bounds).filter(([axis]) => !axis.includes(':'))
  const applying = [...general, ...Object.entries(bounds[scope] ?? {})]
  return {
    tenant: claims.tenant,
    // Whether the token is for this record. `axes` are the members on which tokens may be bounded: a bound on
    // anything else refuses, for this service cannot tell whether the record is within it.
    allows: (record, axes = []) =>
      record.tenant === claims.tenant &&
      applying.every(([axis, bound]) => axes.includes(axis) && admits(bound, record[axis])),
  }
}

// A list of texts, a `*` at the end of one meaning "begins with"; or the largest number. Nothing else is known.
function admits(bound, value) {
  if (Array.isArray(bound) && typeof value === 'string') {
    return bound.some(text => (text.endsWith('*') ? value.startsWith(text.slice(0, -1)) : value === text))
  }
  return Number.isSafeInteger(bound) && Number.isSafeInteger(value) && value >= 0 && value <= bound
}

export const forbidden = () =>
  new Refused(403, {
    error: 'access_denied', reason: 'out_of_bounds', error_description: 'the token is not for this record',
  })

function once(request, name) {
  const values = request.headersDistinct[name] ?? []
  if (values.length === 1) return values[0]
  throw wiring('claims_missing', `${name} has to come once: is the proxy set up, and did nobody go past it?`)
}

// No fault of the client, and no token would help.
function wiring(reason, description) {
  return new Refused(500, { error: 'server_error', reason, error_description: description })
}
