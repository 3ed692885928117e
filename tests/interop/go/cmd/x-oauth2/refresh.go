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

// refresh goes on with a session through the token source that every program of this library has: it refreshes by itself.
func refresh(ctx context.Context, issuer *client.Client) {
	session, helper := issuer.Roles["x-oauth2"]["session"], issuer.Roles["x-oauth2"]["helper"]
	endpoint := issuer.Metadata["token_endpoint"]
	begin := clientcredentials.Config{
		ClientID:       session.ID,
		ClientSecret:   client.Text(session.SecretFile),
		TokenURL:       endpoint,
		Scopes:         []string{issuer.Product.Scope},
		EndpointParams: url.Values{"resource": {issuer.Product.Audience}},
	}
	first, err := begin.Token(ctx)
	client.Must(err)
	// What it holds is over, so that its source refreshes.
	over := &oauth2.Token{AccessToken: first.AccessToken, RefreshToken: first.RefreshToken, Expiry: time.Now().Add(-time.Hour)}
	source := func(of client.Role, token *oauth2.Token) oauth2.TokenSource {
		config := oauth2.Config{
			ClientID:     of.ID,
			ClientSecret: client.Text(of.SecretFile),
			Endpoint:     oauth2.Endpoint{TokenURL: endpoint, AuthStyle: oauth2.AuthStyleInHeader},
		}
		return config.TokenSource(ctx, token)
	}
	second, err := source(session, over).Token()
	client.Must(err)
	before, after := client.Unverified(first.AccessToken), client.Unverified(second.AccessToken)
	good := second.Valid() && second.RefreshToken != first.RefreshToken && before["sid"] == after["sid"]
	issuer.Say("refreshes its session", good && second.Extra("scope") == issuer.Product.Scope, "")

	again, err := source(session, over).Token()
	client.Must(err)
	issuer.Say("refreshes again after an answer was lost", again.RefreshToken == second.RefreshToken, "")

	_, err = source(helper, over).Token()
	var refusal *oauth2.RetrieveError
	told := errors.As(err, &refusal) && refusal.ErrorCode == "invalid_grant"
	note := "granted"
	if refusal != nil {
		note = refusal.ErrorDescription
	}
	issuer.Say("is refused: another client's refresh token", told, note)
}
