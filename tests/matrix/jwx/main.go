package main

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/lestrrat-go/httprc/v3"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

func guard(ours func([]byte, jwt.Token) bool, options ...jwt.ParseOption) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		raw := []byte(strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "))
		token, err := jwt.Parse(raw, options...)
		if err != nil {
			http.Error(writer, err.Error(), http.StatusUnauthorized)
			return
		}
		if ours != nil && !ours(raw, token) {
			http.Error(writer, "refused", http.StatusForbidden)
			return
		}
		writer.Write([]byte("reached"))
	}
}

func text(token jwt.Token, name string) (value string) {
	_ = token.Get(name, &value)
	return value
}

func main() {
	url := os.Getenv("MATRIX_JWKS")
	cache, err := jwk.NewCache(context.Background(), httprc.NewClient())
	if err != nil {
		panic(err)
	}
	if err := cache.Register(context.Background(), url); err != nil {
		panic(err)
	}
	keys, err := cache.CachedSet(url)
	if err != nil {
		panic(err)
	}
	byDefault := []jwt.ParseOption{jwt.WithKeySet(keys)}
	told := append([]jwt.ParseOption{
		jwt.WithIssuer(os.Getenv("MATRIX_ISSUER")), jwt.WithAudience(os.Getenv("MATRIX_AUDIENCE")),
		jwt.WithRequiredClaim("exp"), jwt.WithRequiredClaim("client_id"), jwt.WithRequiredClaim("jti"),
		jwt.WithClaimValue("env", "test"), jwt.WithClaimValue("tenant", "acme"),
	}, byDefault...)
	ours := func(raw []byte, token jwt.Token) bool {
		message, err := jws.Parse(raw)
		if err != nil {
			return false
		}
		typ, _ := message.Signatures()[0].ProtectedHeaders().Type()
		return typ == "at+jwt" && slices.Contains(strings.Fields(text(token, "scope")), "invoices:read")
	}
	http.HandleFunc("/default", guard(nil, byDefault...))
	http.HandleFunc("/told", guard(nil, told...))
	http.HandleFunc("/complete", guard(ours, told...))
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("MATRIX_PORT"), nil))
}
