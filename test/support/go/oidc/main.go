// oidc is an OpenID Connect issuer on loopback, over TLS, with two users and a public client: that of the zitadel library.
package main

import (
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// Usage: oidc ADDRESS ISSUER CERTIFICATE KEY REDIRECT
func main() {
	address, issuer, certificate, key, redirect := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	client := storage.NativeClient("kubernetes", redirect)
	storage.RegisterClients(client)
	kept := storage.NewStorage(storage.NewUserStore(issuer))
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	handler := exampleop.SetupServer(issuer, kept, logger, false)
	server := &http.Server{Addr: address, Handler: handler}
	slog.Error("ended", "error", server.ListenAndServeTLS(certificate, key))
	os.Exit(1)
}
