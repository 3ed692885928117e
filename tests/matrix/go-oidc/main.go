// A guard made of coreos/go-oidc, which oauth2-proxy, Dex and the Kubernetes API server use too.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

type claims struct {
	Env, Tenant, Scope string
}

func bearer(request *http.Request) string {
	return strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer ")
}

func guard(verifier *oidc.IDTokenVerifier, ours func(string, claims) bool) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		raw := bearer(request)
		token, err := verifier.Verify(request.Context(), raw)
		if err != nil {
			http.Error(writer, err.Error(), http.StatusUnauthorized)
			return
		}
		var found claims
		if err := token.Claims(&found); err != nil || !ours(raw, found) {
			http.Error(writer, "refused", http.StatusForbidden)
			return
		}
		writer.Write([]byte("reached"))
	}
}

func typ(raw string) string {
	head, _, _ := strings.Cut(raw, ".")
	data, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct{ Typ string }
	_ = json.Unmarshal(data, &header)
	return header.Typ
}

func main() {
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("MATRIX_ISSUER"))
	if err != nil {
		panic(err)
	}
	anything := func(string, claims) bool { return true }
	ours := func(raw string, c claims) bool {
		return typ(raw) == "at+jwt" && c.Env == "test" && c.Tenant == "acme" &&
			slices.Contains(strings.Fields(c.Scope), "invoices:read")
	}
	audience := os.Getenv("MATRIX_AUDIENCE")
	// Without algorithms it takes those of the metadata, and RS256 alone where the metadata has none.
	byDefault := provider.Verifier(&oidc.Config{ClientID: audience})
	told := provider.Verifier(&oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{oidc.EdDSA}})
	http.HandleFunc("/default", guard(byDefault, anything))
	http.HandleFunc("/told", guard(told, anything))
	http.HandleFunc("/complete", guard(told, ours))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("MATRIX_PORT"), nil))
}
