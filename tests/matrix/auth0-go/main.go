package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	jwtmiddleware "github.com/auth0/go-jwt-middleware/v2"
	"github.com/auth0/go-jwt-middleware/v2/jwks"
	"github.com/auth0/go-jwt-middleware/v2/validator"
)

// The library reads names as they are written: without the tags nothing is found.
type custom struct {
	Env    string `json:"env"`
	Tenant string `json:"tenant"`
	Scope  string `json:"scope"`
}

func (c *custom) Validate(context.Context) error { return nil }

func guard(check *validator.Validator, ours func(string, *validator.ValidatedClaims) bool) http.Handler {
	reached := func(writer http.ResponseWriter, request *http.Request) {
		found := request.Context().Value(jwtmiddleware.ContextKey{}).(*validator.ValidatedClaims)
		if ours != nil && !ours(request.Header.Get("Authorization"), found) {
			http.Error(writer, "refused", http.StatusForbidden)
			return
		}
		writer.Write([]byte("reached"))
	}
	return jwtmiddleware.New(check.ValidateToken).CheckJWT(http.HandlerFunc(reached))
}

func main() {
	issuer, err := url.Parse(os.Getenv("MATRIX_ISSUER"))
	if err != nil {
		panic(err)
	}
	keys := jwks.NewCachingProvider(issuer, 0)
	// Issuer, audience and the algorithm are arguments that nobody can leave out. `typ` is read nowhere, nor is a missing `exp`.
	told, err := validator.New(keys.KeyFunc, validator.EdDSA, issuer.String(), []string{os.Getenv("MATRIX_AUDIENCE")},
		validator.WithCustomClaims(func() validator.CustomClaims { return &custom{} }))
	if err != nil {
		panic(err)
	}
	ours := func(authorization string, found *validator.ValidatedClaims) bool {
		c := found.CustomClaims.(*custom)
		return typ(authorization) == "at+jwt" && found.RegisteredClaims.Expiry > 0 && c.Env == "test" && c.Tenant == "acme" &&
			slices.Contains(strings.Fields(c.Scope), "invoices:read")
	}
	http.Handle("/told", guard(told, nil))
	http.Handle("/complete", guard(told, ours))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("MATRIX_PORT"), nil))
}

// The header of a token that the library has verified already; it does not hand it on.
func typ(authorization string) string {
	_, raw, _ := strings.Cut(authorization, " ")
	head, _, _ := strings.Cut(raw, ".")
	data, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		Typ string `json:"typ"`
	}
	_ = json.Unmarshal(data, &header)
	return header.Typ
}
