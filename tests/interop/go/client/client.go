// Package client does what every Go client does that its library has no part in: it asks, checks what libraries leave
// to their user, and tells.
package client

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// Claims are what a token says, as JSON has it.
type Claims = map[string]any

// Verify is the library's part: it gives the kind of the token and its claims, or says why there are none.
type Verify func(token string) (kind string, claims Claims, err error)

// Refused is a check of the user's own, which refused what the library had accepted.
type Refused string

func (check Refused) Error() string { return "left to the user: " + string(check) }

// Product is one resource server.
type Product struct{ Audience, Scope string }

// Role is what a library is registered as, beside the client that everybody shares.
type Role struct {
	ID         string `json:"client_id"`
	SecretFile string `json:"client_secret_file"`
}

// Client is one library and the format of token that it reads.
type Client struct {
	Issuer      string
	Environment string
	Tenant      string
	ID          string `json:"client_id"`
	SecretFile  string `json:"client_secret_file"`
	Forgeries   string
	Theirs      string
	JWT         Product
	PASETO      Product
	Roles       map[string]map[string]Role

	Secret   string            `json:"-"`
	Product  Product           `json:"-"`
	Metadata map[string]string `json:"-"`

	library, version, form string
}

type forgeries struct {
	Good     string
	Resigned string
	Forged   []forgery
}

type forgery struct {
	Case  string `json:"case"`
	Token string `json:"token"`
}

// New reads what the driver told, and the issuer's metadata. `module` is the import path that the version is read of.
func New(library, module, form string) *Client {
	client := &Client{library: library, version: version(module), form: form}
	client.read(os.Getenv("CHANCERY_INTEROP"), client)
	client.Product = map[string]Product{"jwt": client.JWT, "paseto": client.PASETO}[form]
	client.Secret = Text(client.SecretFile)
	var metadata map[string]any
	client.Fetch(client.Issuer+"/.well-known/oauth-authorization-server", &metadata)
	client.Metadata = map[string]string{}
	for name, value := range metadata {
		if text, ok := value.(string); ok {
			client.Metadata[name] = text
		}
	}
	return client
}

// Must ends the program: the client itself is broken, not the library.
func Must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Text is what stands in a file, such as a secret.
func Text(path string) string {
	text, err := os.ReadFile(path)
	Must(err)
	return strings.TrimSpace(string(text))
}

// Fetch reads the JSON behind a URL.
func (client *Client) Fetch(url string, into any) {
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Get(url)
	client.decode(answer, err, into)
}

// Say tells the driver how one case went.
func (client *Client) Say(name string, ok bool, note string) {
	line := map[string]string{"library": client.library, "version": client.version, "case": name, "outcome": "ok"}
	if !ok {
		line["outcome"] = "failed"
	}
	if note != "" {
		line["note"] = note
	}
	text, err := json.Marshal(line)
	Must(err)
	fmt.Println(string(text))
}

// Judge holds the library against a live token and all forged ones.
func (client *Client) Judge(verify Verify) {
	all := map[string]forgeries{}
	client.read(client.Forgeries, &all)
	client.accept("verifies a live token", verify, client.Token(), all[client.form].Good)
	client.accept("verifies a token signed by the forger with the issuer's key", verify, all[client.form].Resigned)
	for _, forged := range all[client.form].Forged {
		err := client.careful(verify, forged.Token)
		note := ""
		var check Refused
		var broken breakage
		if err == nil {
			note = "accepted"
		} else if errors.As(err, &check) || errors.As(err, &broken) {
			note = err.Error()
		}
		client.Say("refuses: "+forged.Case, err != nil, note)
	}
}

func (client *Client) accept(name string, verify Verify, tokens ...string) {
	note := ""
	for _, token := range tokens {
		if err := client.careful(verify, token); err != nil {
			note = err.Error()
		}
	}
	client.Say(name, note == "", note)
}

type breakage string

func (what breakage) Error() string { return "by breaking: " + string(what) }

func (client *Client) careful(verify Verify, token string) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = breakage(fmt.Sprint(panicked))
		}
	}()
	kind, claims, err := verify(token)
	if err != nil {
		return err
	}
	return client.byHand(kind, claims)
}

// Token is a live token, asked for without any library.
func (client *Client) Token() string {
	answer, err := http.PostForm(client.Metadata["token_endpoint"], url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {client.ID},
		"client_secret": {client.Secret},
		"scope":         {client.Product.Scope},
		"resource":      {client.Product.Audience},
	})
	var token struct {
		AccessToken string `json:"access_token"`
	}
	client.decode(answer, err, &token)
	return token.AccessToken
}

func (client *Client) decode(answer *http.Response, err error, into any) {
	Must(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Request.URL, " answered ", answer.Status)
	}
	Must(json.NewDecoder(answer.Body).Decode(into))
}

func (client *Client) read(path string, into any) {
	text, err := os.ReadFile(path)
	Must(err)
	Must(json.Unmarshal(text, into))
}

func version(module string) string {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	log.Fatal(module, " is not in this program")
	return ""
}

// Unverified are the claims of a JWT that nobody has verified.
func Unverified(token string) Claims {
	decoded, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	Must(err)
	var claims Claims
	Must(json.Unmarshal(decoded, &claims))
	return claims
}
