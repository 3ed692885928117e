package client

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// Sign is the library's part: a token of this kind with these claims, by this key under this id.
type Sign func(key ed25519.PrivateKey, id, kind string, claims Claims) (string, error)

// Leave leaves tokens that the library signed for our verifier. `publish` names a key and writes it as its format does.
func (client *Client) Leave(publish func(ed25519.PublicKey) (id string, key any), sign Sign) {
	public, private, err := ed25519.GenerateKey(nil)
	Must(err)
	_, another, err := ed25519.GenerateKey(nil)
	Must(err)
	id, key := publish(public)
	must := func(private ed25519.PrivateKey, kind string, claims Claims) string {
		token, err := sign(private, id, kind, claims)
		Must(err)
		return token
	}
	kind := kinds[client.form]
	forged := []forgery{
		{"another key under the same id", must(another, kind, client.claims(nil))},
		{"another kind", must(private, "JWT", client.claims(nil))},
		{"expired", must(private, kind, client.claims(client.moments(700*time.Second)))},
		{"another audience", must(private, kind, client.claims(Claims{"aud": "https://other.example"}))},
		{"another issuer", must(private, kind, client.claims(Claims{"iss": "https://other.example"}))},
		{"another environment", must(private, kind, client.claims(Claims{"env": "live"}))},
		{"no expiry", must(private, kind, client.claims(Claims{"exp": nil}))},
	}
	text, err := json.Marshal(map[string]any{
		"library": client.library,
		"version": client.version,
		"format":  client.form,
		"key":     key,
		"token":   must(private, kind, client.claims(nil)),
		"forged":  forged,
	})
	Must(err)
	Must(os.WriteFile(filepath.Join(client.Theirs, filepath.Base(os.Args[0])+".json"), text, 0o644))
}

// claims are written as the issuer writes them, with others in their place; nil takes one away.
func (client *Client) claims(others Claims) Claims {
	random := make([]byte, 16)
	_, err := rand.Read(random)
	Must(err)
	claims := client.moments(0)
	for name, claim := range (Claims{
		"iss":       client.Issuer,
		"aud":       client.Product.Audience,
		"sub":       "theirs",
		"client_id": "theirs",
		"jti":       base64.RawURLEncoding.EncodeToString(random),
		"scope":     client.Product.Scope,
		"tenant":    client.Tenant,
		"env":       client.Environment,
		"rvs":       0,
	}) {
		claims[name] = claim
	}
	for name, claim := range others {
		claims[name] = claim
		if claim == nil {
			delete(claims, name)
		}
	}
	return claims
}

// moments are those of a token of this age, which lives for 600 seconds.
func (client *Client) moments(age time.Duration) Claims {
	issued := time.Now().Add(-age)
	expires := issued.Add(600 * time.Second)
	if client.form == "jwt" {
		return Claims{"iat": issued.Unix(), "exp": expires.Unix()}
	}
	return Claims{"iat": issued.UTC().Format(time.RFC3339), "exp": expires.UTC().Format(time.RFC3339)}
}
