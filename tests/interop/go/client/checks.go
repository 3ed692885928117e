package client

import (
	"slices"
	"strings"
	"time"
)

// Required are the claims that every access token of the issuer has (RFC 9068).
var Required = []string{"iss", "aud", "sub", "client_id", "iat", "exp", "jti"}

var kinds = map[string]string{"jwt": "at+jwt", "paseto": "at+paseto"}

// byHand makes all checks that a careful user makes; a good library has made half of them before.
func (client *Client) byHand(kind string, claims Claims) error {
	missing := func(name string) bool { return claims[name] == nil }
	otherThanText := func(name string) bool {
		_, text := claims[name].(string)
		return claims[name] != nil && !text
	}
	now := time.Now()
	expires, hasEnd := client.moment(claims["exp"])
	begins, hasBegin := client.moment(claims["nbf"])
	_, bound := claims["cnf"]
	audiences, list := claims["aud"].([]any)
	scope, _ := claims["scope"].(string)
	for _, check := range []struct {
		name string
		held bool
	}{
		{"typ", kind == kinds[client.form]},
		{"required claims", !slices.ContainsFunc(Required, missing)},
		{"types", !slices.ContainsFunc([]string{"sub", "client_id", "jti"}, otherThanText)},
		{"iss", claims["iss"] == client.Issuer},
		{"aud", claims["aud"] == any(client.Product.Audience) || list && slices.Equal(audiences, []any{client.Product.Audience})},
		{"exp", hasEnd && now.Before(expires)},
		{"nbf", missing("nbf") || hasBegin && !now.Before(begins)},
		{"cnf", !bound},
		{"env", claims["env"] == client.Environment},
		{"tenant", claims["tenant"] == client.Tenant},
		{"scope", slices.Contains(strings.Split(scope, " "), client.Product.Scope)},
	} {
		if !check.held {
			return Refused(check.name)
		}
	}
	return nil
}

// moment reads a time as the format writes it.
func (client *Client) moment(claim any) (time.Time, bool) {
	if client.form == "jwt" {
		seconds, number := claim.(float64)
		return time.Unix(int64(seconds), 0), number
	}
	text, _ := claim.(string)
	moment, err := time.Parse(time.RFC3339, text)
	return moment, err == nil
}
