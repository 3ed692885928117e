// golang-jwt verifies live tokens with keys that its user decodes, refuses forged ones, and signs its own.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"interop/client"
)

type key struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Kid string `json:"kid"`
}

func main() {
	issuer := client.New("golang-jwt", "github.com/golang-jwt/jwt/v5", "jwt")
	var published struct{ Keys []key }
	issuer.Fetch(issuer.Metadata["jwks_uri"], &published)
	// The library reads no key sets, so its user does.
	keys := map[string]ed25519.PublicKey{}
	for _, key := range published.Keys {
		if key.Kty == "OKP" && key.Crv == "Ed25519" {
			decoded, err := base64.RawURLEncoding.DecodeString(key.X)
			client.Must(err)
			keys[key.Kid] = decoded
		}
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(issuer.Issuer),
		jwt.WithAudience(issuer.Product.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithStrictDecoding(),
	)

	issuer.Judge(func(token string) (string, client.Claims, error) {
		claims := jwt.MapClaims{}
		parsed, err := parser.ParseWithClaims(token, claims, func(parsed *jwt.Token) (any, error) {
			id, _ := parsed.Header["kid"].(string)
			if key, known := keys[id]; known {
				return key, nil
			}
			return nil, fmt.Errorf("no key %q", id)
		})
		if err != nil {
			return "", nil, err
		}
		// It passes over extensions that it must understand (RFC 7515 section 4.1.11).
		if _, critical := parsed.Header["crit"]; critical {
			return "", nil, client.Refused("crit")
		}
		kind, _ := parsed.Header["typ"].(string)
		return kind, claims, nil
	})

	issuer.Leave(
		func(public ed25519.PublicKey) (string, any) {
			key := key{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(public)}
			// RFC 7638: the members that make the key, by name.
			digest := sha256.Sum256(fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":"%s"}`, key.X))
			key.Kid = base64.RawURLEncoding.EncodeToString(digest[:])
			return key.Kid, key
		},
		func(key ed25519.PrivateKey, id, kind string, claims client.Claims) (string, error) {
			token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims(claims))
			token.Header["typ"] = kind
			token.Header["kid"] = id
			return token.SignedString(key)
		},
	)
}
