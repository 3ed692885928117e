// A token server that signs JWTs with Ed25519 for one client: port, client id, secret, resource, scope.
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, client_id, client_secret, resource, scope] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("ed25519");
const key = { ...privateKey.export({ format: "jwk" }), alg: "EdDSA", use: "sig", kid: "bench" };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id,
      client_secret,
      token_endpoint_auth_method: "client_secret_post",
      id_token_signed_response_alg: "EdDSA",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      scope,
    },
  ],
  scopes: [scope],
  jwks: { keys: [key] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope,
        audience: resource,
        accessTokenTTL: 900,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "EdDSA" } },
      }),
    },
  },
  // What the tokens of the other side say as well.
  extraTokenClaims: () => ({ tenant: "acme", bounds: { project: ["acme-*"] }, rvs: 1, env: "test" }),
});

// Refusals and faults alike: a bench that is refused says why.
provider.on("grant.error", (_, error) => console.error(error));
provider.on("server_error", (_, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1");
