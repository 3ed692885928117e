// go-paseto verifies live tokens with keys that its user decodes, refuses forged ones, and signs its own.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"aidanwoods.dev/go-paseto"
	"golang.org/x/crypto/blake2b"

	"interop/client"
)

const public = "k4.public."

type footer struct {
	Kid string `json:"kid"`
	Typ string `json:"typ"`
}

type key struct {
	Kid string `json:"kid"`
	Key string `json:"key"`
}

func main() {
	issuer := client.New("go-paseto", "aidanwoods.dev/go-paseto", "paseto")
	var published struct{ Keys []key }
	issuer.Fetch(issuer.Metadata["paserk_uri"], &published)
	keys := map[string]paseto.V4AsymmetricPublicKey{}
	named := true
	for _, key := range published.Keys {
		decoded, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(key.Key, public))
		client.Must(err)
		keys[key.Kid], err = paseto.NewV4AsymmetricPublicKeyFromBytes(decoded)
		client.Must(err)
		named = named && name(key.Key) == key.Kid
	}
	parser := paseto.MakeParser([]paseto.Rule{
		paseto.NotExpired(),
		paseto.IssuedBy(issuer.Issuer),
		paseto.ForAudience(issuer.Product.Audience),
	})

	// find reads the footer, which is not verified yet, and gives the key that it names.
	find := func(token string) (footer footer, key paseto.V4AsymmetricPublicKey, err error) {
		written, err := parser.UnsafeParseFooter(paseto.V4Public, token)
		if err != nil {
			return footer, key, err
		}
		if err := json.Unmarshal(written, &footer); err != nil {
			return footer, key, err
		}
		key, known := keys[footer.Kid]
		if !known {
			return footer, key, fmt.Errorf("no key %q", footer.Kid)
		}
		return footer, key, nil
	}

	issuer.Judge(func(token string) (string, client.Claims, error) {
		footer, key, err := find(token)
		if err != nil {
			return "", nil, err
		}
		parsed, err := parser.ParseV4Public(key, token, nil)
		if err != nil {
			return "", nil, err
		}
		return footer.Typ, parsed.Claims(), nil
	})
	issuer.Say("names the key as PASERK does", named, "by hand: the library knows no PASERK")
	token := issuer.Token()
	_, current, err := find(token)
	client.Must(err)
	_, err = paseto.NewParserForValidNow().ParseV4Public(current, token, nil)
	issuer.Say("its rule ValidAt wants an nbf", err != nil, "so it takes no token of ours; NotExpired does")

	issuer.Leave(
		func(bytes ed25519.PublicKey) (string, any) {
			paserk := public + base64.RawURLEncoding.EncodeToString(bytes)
			return name(paserk), key{Kid: name(paserk), Key: paserk}
		},
		func(private ed25519.PrivateKey, id, kind string, claims client.Claims) (string, error) {
			written, err := json.Marshal(footer{Kid: id, Typ: kind})
			if err != nil {
				return "", err
			}
			token, err := paseto.MakeToken(claims, written)
			if err != nil {
				return "", err
			}
			signer, err := paseto.NewV4AsymmetricSecretKeyFromEd25519(private)
			if err != nil {
				return "", err
			}
			return token.V4Sign(signer, nil), nil
		},
	)
}

// The PASERK id of a public key: BLAKE2b over its own header and the key, cut to 33 bytes.
func name(paserk string) string {
	const header = "k4.pid."
	hash, err := blake2b.New(33, nil)
	client.Must(err)
	hash.Write([]byte(header + paserk))
	return header + base64.RawURLEncoding.EncodeToString(hash.Sum(nil))
}
