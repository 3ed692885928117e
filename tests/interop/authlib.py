"""Authlib's client gets a token for one resource, renews it by itself, is told why another secret gets none, and signs who it is."""
import os

# The issuer of the tests listens on loopback, without TLS; this must be said before the import.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
import assertion
from interop import Client, claims_of

client = Client("Authlib")
scope, resource = client.product["scope"], client.product["audience"]


def session(secret):
    own = OAuth2Session(client.told["client_id"], secret, scope=scope)
    found = own.get(get_well_known_url(client.issuer, external=True), withhold_token=True).json()
    metadata = AuthorizationServerMetadata(found)
    metadata.validate_issuer()
    metadata.validate_token_endpoint()
    own.metadata["token_endpoint"] = metadata["token_endpoint"]
    return own


def good(token):
    claims = claims_of(token["access_token"])
    return token["token_type"] == "Bearer" and token["expires_in"] > 60 and token["scope"] == scope and claims["aud"] == resource


own = session(client.secret)
first = own.fetch_token(resource=resource)
client.say("gets a token", good(first))

first["expires_at"] = 0
own.ensure_active_token(first)
renewed = own.token
client.say(
    "renews its token by itself",
    good(renewed) and renewed["access_token"] != first["access_token"],
    "asks again for the scope only: without `resource` and `tenant`",
)

try:
    session("another").fetch_token(resource=resource)
    client.say("is told why", False, "another secret gets a token")
except OAuthError as refusal:
    client.say("is told why", refusal.error == "invalid_client", refusal.description)

assertion.run(client)
