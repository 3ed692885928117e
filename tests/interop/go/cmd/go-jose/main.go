// go-jose takes the published key set as it is, verifies live tokens, refuses forged ones, and signs its own.
package main

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"interop/client"
)

func main() {
	issuer := client.New("go-jose", "github.com/go-jose/go-jose/v4", "jwt")
	var keys jose.JSONWebKeySet
	issuer.Fetch(issuer.Metadata["jwks_uri"], &keys)

	issuer.Judge(func(token string) (string, client.Claims, error) {
		parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.EdDSA})
		if err != nil {
			return "", nil, err
		}
		var registered jwt.Claims
		var claims client.Claims
		if err := parsed.Claims(keys, &registered, &claims); err != nil {
			return "", nil, err
		}
		expected := jwt.Expected{Issuer: issuer.Issuer, AnyAudience: jwt.Audience{issuer.Product.Audience}, Time: time.Now()}
		if err := registered.ValidateWithLeeway(expected, 0); err != nil {
			return "", nil, err
		}
		kind, _ := parsed.Headers[0].ExtraHeaders[jose.HeaderType].(string)
		return kind, claims, nil
	})

	named := true
	for _, key := range keys.Keys {
		named = named && thumbprint(key) == key.KeyID
	}
	issuer.Say("names the key as RFC 7638 does", named, "")

	issuer.Leave(
		func(public ed25519.PublicKey) (string, any) {
			key := jose.JSONWebKey{Key: public}
			key.KeyID = thumbprint(key)
			return key.KeyID, key
		},
		func(key ed25519.PrivateKey, id, kind string, claims client.Claims) (string, error) {
			signing := jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: key, KeyID: id}}
			signer, err := jose.NewSigner(signing, (&jose.SignerOptions{}).WithType(jose.ContentType(kind)))
			if err != nil {
				return "", err
			}
			return jwt.Signed(signer).Claims(claims).Serialize()
		},
	)
}

func thumbprint(key jose.JSONWebKey) string {
	digest, err := key.Thumbprint(crypto.SHA256)
	client.Must(err)
	return base64.RawURLEncoding.EncodeToString(digest)
}
