package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// Both browsers send names through the proxy and are told not to phone home:
// the private network leads nowhere else.
const chromium = `chromium --user-data-dir="$(mktemp -d)" --proxy-server=socks5://%s \
    --no-first-run --no-default-browser-check --disable-background-networking \
    --disable-component-update --disable-sync --disable-quic%s http://%s/`

const firefox = `firefox-esr --no-remote --profile %s http://%s/`

// instructions is what to paste into another terminal.
func instructions(ashpost, address, socks, profile string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe service is up:  http://%s/\n", address)
	fmt.Fprintf(&b, "Tor's SOCKS port:   %s\n\n", socks)
	sandbox := ""
	if os.Geteuid() == 0 {
		sandbox = " --no-sandbox" // Chromium does not start as root with it
	}
	fmt.Fprintf(&b, "Open it in Chromium:\n  "+chromium+"\n\n", socks, sandbox, address)
	fmt.Fprintf(&b, "or in Firefox ESR:\n  "+firefox+"\n\n", shellQuote(profile), address)
	ashpost = shellQuote(ashpost)
	fmt.Fprintf(&b, "Send a secret from the command line, and open its link:\n"+
		"  echo 'a secret' | %s send --socks %s --service http://%s\n"+
		"  %[1]s open --socks %[2]s\n\n", ashpost, socks, address)
	b.WriteString("Ctrl-C ends the service, the network and removes all they stored.\n")
	return b.String()
}

// shellQuote keeps a path with spaces one word.
func shellQuote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// writeProfile makes a Firefox profile that goes through Tor like Tor Browser:
// onions are resolved by Tor, count as secure and are not tried over HTTPS.
func writeProfile(dir, socks string) error {
	host, port, err := net.SplitHostPort(socks)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var b strings.Builder
	for _, pref := range [][2]string{
		{"network.proxy.type", "1"},
		{"network.proxy.socks", `"` + host + `"`},
		{"network.proxy.socks_port", port},
		{"network.proxy.socks_version", "5"},
		{"network.proxy.socks_remote_dns", "true"},
		{"network.proxy.no_proxies_on", `""`},
		{"network.proxy.failover_direct", "false"},
		{"network.dns.blockDotOnion", "false"},
		{"network.dns.disablePrefetch", "true"},
		{"network.prefetch-next", "false"},
		{"network.captive-portal-service.enabled", "false"},
		{"network.connectivity-service.enabled", "false"},
		{"dom.securecontext.allowlist_onions", "true"},
		{"dom.security.https_first", "false"},
		{"dom.security.https_only_mode", "false"},
		{"app.update.enabled", "false"},
		{"app.normandy.enabled", "false"},
		{"browser.aboutwelcome.enabled", "false"},
		{"browser.newtabpage.enabled", "false"},
		{"browser.privatebrowsing.autostart", "true"},
		{"browser.safebrowsing.update.enabled", "false"},
		{"browser.search.update", "false"},
		{"browser.shell.checkDefaultBrowser", "false"},
		{"browser.startup.homepage_override.mstone", `"ignore"`},
		{"datareporting.healthreport.uploadEnabled", "false"},
		{"datareporting.policy.dataSubmissionEnabled", "false"},
		{"dom.push.enabled", "false"},
		{"extensions.update.enabled", "false"},
		{"geo.enabled", "false"},
		{"media.peerconnection.enabled", "false"},
		{"services.settings.server", `"data:,"`},
		{"toolkit.telemetry.enabled", "false"},
	} {
		fmt.Fprintf(&b, "user_pref(%q, %s);\n", pref[0], pref[1])
	}
	return os.WriteFile(filepath.Join(dir, "user.js"), []byte(b.String()), 0o600)
}
