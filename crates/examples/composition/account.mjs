#!/usr/bin/env node
// DocuMint's account and templates: a service that is not Rust, and knows nothing of tokens.
//
// It stands behind nginx, which asks `chancery gate` about every request. What the gate found out comes in headers
// (`claims.mjs`); this service holds the tenant and the bounds against each record.

import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Refused, forbidden, fromGate } from './claims.mjs'

const MAX_BODY = 16 * 1024
const accounts = [
  { tenant: 'acme', series: 'A', plan: 'small', contact: 'wile@acme.example' },
  { tenant: 'globex', series: 'G', plan: 'large', contact: 'hank@globex.example' },
]
const templates = [
  { name: 'plain', tenant: 'acme', heading: 'Acme Corporation', footer: 'Payable within 30 days.' },
  { name: 'plain', tenant: 'globex', heading: 'Globex Corporation', footer: 'Payable at once.' },
]

// What it serves, with the scope of each route, as `routes.json` has it.
const routes = [
  ['GET', '/healthz', null, () => 'ok'],
  ['GET', '/account', 'account:administer', who => own(who, accounts)],
  ['PATCH', '/account', 'account:administer', (who, body) => {
    const { plan } = members(body, ['plan'])
    if (!['small', 'large'].includes(plan)) throw unreadable(422, 'a plan is small or large')
    return Object.assign(own(who, accounts), { plan })
  }],
  ['GET', '/templates', 'templates:read', who => templates.filter(template => who.allows(template))],
  ['GET', '/templates/{name}', 'templates:read', (who, body, name) => own(who, templates, name)],
  ['PUT', '/templates/{name}', 'templates:update', (who, body, name) =>
    Object.assign(own(who, templates, name), members(body, ['heading', 'footer']))],
]

// Names are the account's own, so there is no way to name another tenant's.
function own(who, records, name) {
  const record = records.find(record => record.tenant === who.tenant && record.name === name)
  if (record === undefined) throw new Refused(404, { reason: 'no_such_record' })
  if (!who.allows(record)) throw forbidden()
  return record
}

// Exactly these members, each a text.
function members(value, names) {
  const found = value !== null && typeof value === 'object' ? Object.keys(value) : []
  const exact = found.length === names.length && names.every(name => typeof value[name] === 'string')
  if (!exact) throw unreadable(422, `an object of the texts ${names.join(', ')} is taken, and nothing else`)
  return value
}

// The path is taken apart first, and what is in the place of a brace is decoded once. Nothing is cleaned up on the way:
// gate and service must speak of the same path. (So no `new URL` here, which resolves dots.)
function findRoute(method, target) {
  const parts = target.split('?')[0].split('/')
  const allowed = []
  for (const [verb, template, scope, handler] of routes) {
    const wanted = template.split('/')
    const brace = at => wanted[at].startsWith('{')
    if (wanted.length !== parts.length) continue
    if (!parts.every((part, at) => part === wanted[at] || (part !== '' && brace(at)))) continue
    if (verb === (method === 'HEAD' ? 'GET' : method)) {
      return { scope, handler, places: parts.filter((_, at) => brace(at)).map(decoded) }
    }
    allowed.push(verb)
  }
  if (allowed.length > 0) throw new Refused(405, { reason: 'no_such_method' }, { Allow: allowed.join(', ') })
  throw new Refused(404, { reason: 'no_such_route' })
}

function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refused(400, { reason: 'path_unreadable' })
  }
}

async function readBody(request) {
  const chunks = []
  let length = 0
  // Left open when we leave early, or the answer would have no way back; but with the rest unread it serves no more.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > MAX_BODY) throw unreadable(413, `it has ${MAX_BODY} bytes at most`, { Connection: 'close' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function readJson(request, body) {
  const kind = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase()
  if (kind !== 'application/json') throw unreadable(415, 'it is application/json')
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw unreadable(400, 'it is not JSON')
  }
}

const unreadable = (status, detail, headers) => new Refused(status, { reason: 'body_unreadable', detail }, headers)

async function work(request) {
  const body = await readBody(request)
  const { scope, handler, places } = findRoute(request.method, request.url)
  const who = scope === null ? null : fromGate(request, scope)
  const value = ['POST', 'PUT', 'PATCH'].includes(request.method) ? readJson(request, body) : null
  return handler(who, value, ...places)
}

async function answer(request, response) {
  const send = (status, value, headers = {}) => {
    const [kind, text] = typeof value === 'string' ? ['text/plain; charset=utf-8', value]
      : ['application/json', JSON.stringify(value)]
    response.writeHead(status, { 'Content-Type': kind, 'Content-Length': Buffer.byteLength(text), ...headers })
    response.end(text)
  }
  try {
    send(200, await work(request))
  } catch (why) {
    if (why instanceof Refused) return send(why.status, why.body, { 'Cache-Control': 'no-store', ...why.headers })
    // Whoever went away while sending is answered by nobody.
    if (request.errored) return response.destroy()
    console.error(why)
    send(500, { reason: 'internal' })
  }
}

const { values } = parseArgs({ options: { port: { type: 'string', default: '8432' } } })
// Claims of a token of eight KiB, in headers, are more than Node takes by itself.
const server = createServer({ maxHeaderSize: 32 * 1024 }, answer)
// Longer than the minute for which nginx keeps an idle connection, so that it is not cut while nginx uses it.
server.keepAliveTimeout = 75_000
// Loopback, and not to be changed: whoever reaches this port past the proxy can write the claims of anybody. Where
// strangers run programs on the same machine, or a network lies between, put a Unix socket or mutual TLS there.
server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`account listens at http://127.0.0.1:${server.address().port}`)
})
for (const ending of ['SIGTERM', 'SIGINT']) process.on(ending, () => process.exit(0))
