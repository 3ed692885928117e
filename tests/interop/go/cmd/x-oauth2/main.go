// x/oauth2 gets a token for one resource, keeps it, is told why another secret gets none, and refreshes a session.
package main

import (
	"context"
	"errors"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"interop/client"
)

func main() {
	issuer := client.New("x/oauth2", "golang.org/x/oauth2", "jwt")
	config := clientcredentials.Config{
		ClientID:       issuer.ID,
		ClientSecret:   issuer.Secret,
		TokenURL:       issuer.Metadata["token_endpoint"],
		Scopes:         []string{issuer.Product.Scope},
		EndpointParams: url.Values{"resource": {issuer.Product.Audience}},
	}
	ctx := context.Background()
	source := config.TokenSource(ctx)
	token, err := source.Token()
	client.Must(err)
	claims := client.Unverified(token.AccessToken)
	good := token.Type() == "Bearer" && token.Valid() && time.Until(token.Expiry) > time.Minute
	good = good && token.Extra("scope") == issuer.Product.Scope && claims["aud"] == issuer.Product.Audience
	issuer.Say("gets a token", good, "")

	again, err := source.Token()
	client.Must(err)
	issuer.Say("keeps its token until it ends", again.AccessToken == token.AccessToken, "")

	config.ClientSecret = "another"
	_, err = config.Token(ctx)
	var refusal *oauth2.RetrieveError
	told := errors.As(err, &refusal) && refusal.ErrorCode == "invalid_client"
	note := "another secret gets a token"
	if refusal != nil {
		note = refusal.ErrorDescription
	}
	issuer.Say("is told why", told, note)

	refresh(ctx, issuer)
}
