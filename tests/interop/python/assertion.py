"""Authlib signs who it is (private_key_jwt), refreshes, looks and revokes; it has a role and a key of its own for that."""
import pathlib
import time

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from interop import claims_of
from joserfc.jwk import RSAKey


class Signed(PrivateKeyJWT):
    """For the issuer and a minute. By itself Authlib signs for the endpoint, for an hour, and with `claims` under one `jti`."""

    def __init__(self, issuer, **others):
        super().__init__(issuer)
        self.others = others

    def sign(self, auth, audience):
        claims = {"exp": int(time.time()) + 60, **self.others}
        self.last = private_key_jwt_sign(auth.client_secret, auth.client_id, audience, self.alg, claims)
        return self.last


class Holder:
    """A client that holds a key."""

    def __init__(self, client, role, key=None, method=None):
        known = client.told["roles"]["authlib"][role]
        self.id, self.issuer, self.metadata = known["client_id"], client.issuer, client.metadata
        self.method = method or Signed(client.issuer)
        key = key or RSAKey.import_key(pathlib.Path(known["private_key_file"]).read_bytes())
        self.session = OAuth2Session(
            self.id,
            key,
            token_endpoint_auth_method="private_key_jwt",
            revocation_endpoint_auth_method="private_key_jwt",
            token_endpoint=self.metadata["token_endpoint"],
            grant_type="client_credentials",
        )
        self.session.register_client_auth_method(self.method)
        self.product = client.product

    def ask(self):
        return self.session.fetch_token(scope=self.product["scope"], resource=self.product["audience"])

    def refresh(self, token):
        return self.session.refresh_token(self.metadata["token_endpoint"], refresh_token=token["refresh_token"])

    def is_active(self, text):
        return self.session.introspect_token(self.metadata["introspection_endpoint"], token=text).json()["active"]

    def revoke(self, text):
        return self.session.revoke_token(self.metadata["revocation_endpoint"], token=text).status_code == 200


def run(client):
    """All cases of a client that holds a key."""

    def refused(what, ask, error, words):
        try:
            ask()
            client.say(f"is refused: {what}", False, "granted")
        except OAuthError as refusal:
            told = refusal.error == error and words in (refusal.description or "")
            client.say(f"is refused: {what}", told, f"{refusal.error}: {refusal.description}")

    own, other = Holder(client, "rs256"), Holder(client, "other")
    first = dict(own.ask())
    client.say("authenticates by RS256", claims_of(first["access_token"])["client_id"] == own.id, "left to the user: aud, exp")
    second = dict(own.refresh(first))
    before, after = (claims_of(token["access_token"]) for token in (first, second))
    goes_on = second["refresh_token"] != first["refresh_token"] and before["sid"] == after["sid"]
    client.say("refreshes its session", goes_on and second["scope"] == client.product["scope"])
    again = own.refresh(first)
    client.say("refreshes again after an answer was lost", again["refresh_token"] == second["refresh_token"])
    refused("another client's refresh token", lambda: other.refresh(second), "invalid_grant", "not issued to this client")

    known = own.is_active(second["access_token"]) and own.is_active(second["refresh_token"])
    strange = other.is_active(second["access_token"]) or other.is_active(second["refresh_token"])
    client.say("introspects an access token", known)
    client.say("introspects a refresh token", known)
    client.say("learns nothing about the tokens of others", not strange)
    revoked = own.revoke(second["access_token"]) and not own.is_active(second["access_token"])
    client.say("revokes an access token", revoked and own.is_active(second["refresh_token"]))
    client.say("revokes a refresh token", own.revoke(second["refresh_token"]) and not own.is_active(second["refresh_token"]))
    refused("a revoked refresh token", lambda: own.refresh(second), "invalid_grant", "revoked")
    taken = not other.revoke(dict(own.ask())["refresh_token"])
    client.say("is refused: to revoke another client's refresh token", taken)

    def signing(**others):
        return Holder(client, "rs256", method=Signed(client.issuer, **others)).ask

    own.ask()
    used = PrivateKeyJWT(client.issuer)
    used.sign = lambda *_: own.method.last
    refused("an assertion that was used before", Holder(client, "rs256", method=used).ask, "invalid_client", "used before")
    endpoint = Signed(client.metadata["token_endpoint"])
    refused("an assertion for an endpoint", Holder(client, "rs256", method=endpoint).ask, "invalid_client", "aud")
    refused("an assertion that lives for an hour", signing(exp=int(time.time()) + 3600), "invalid_client", "exp")
    refused("an assertion without a name", signing(jti=""), "invalid_client", "jti")
    foreign = Holder(client, "rs256", key=RSAKey.generate_key(2048))
    refused("an assertion by another key", foreign.ask, "invalid_client", "do not belong together")
