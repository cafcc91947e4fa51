package webtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// firefoxPrefs are the same for every start: Tor Browser's where they matter
// to a page, and silence towards the makers.
var firefoxPrefs = map[string]any{
	// The proxy is the only way, for loopback too, and looks names up itself.
	"network.proxy.type":                      1,
	"network.proxy.socks_version":             5,
	"network.proxy.socks_remote_dns":          true,
	"network.proxy.no_proxies_on":             "",
	"network.proxy.allow_hijacking_localhost": true,
	"network.proxy.failover_direct":           false,
	"network.dns.blockDotOnion":               false,
	"network.dns.disablePrefetch":             true,
	"network.trr.mode":                        5,
	"network.http.http3.enable":               false,
	"network.prefetch-next":                   false,
	"network.predictor.enabled":               false,
	"network.http.speculative-parallel-limit": 0,
	"network.captive-portal-service.enabled":  false,
	"network.connectivity-service.enabled":    false,
	"media.peerconnection.enabled":            false,
	"dom.securecontext.allowlist_onions":      true,
	"dom.security.https_first":                false,
	"dom.security.https_first_pbm":            false,
	"dom.security.https_first_schemeless":     false,
	// Plain ESR would turn an onion's http images into https; onions' images load
	// in Tor Browser.
	"security.mixed_content.upgrade_display_content":        false,
	"media.gmp-manager.updateEnabled":                       false,
	"dom.security.https_only_mode":                          false,
	"browser.privatebrowsing.autostart":                     true,
	"browser.startup.page":                                  0,
	"browser.startup.homepage":                              "about:blank",
	"browser.newtabpage.enabled":                            false,
	"browser.shell.checkDefaultBrowser":                     false,
	"browser.aboutwelcome.enabled":                          false,
	"browser.region.network.url":                            "",
	"browser.region.update.enabled":                         false,
	"browser.search.update":                                 false,
	"browser.safebrowsing.malware.enabled":                  false,
	"browser.safebrowsing.phishing.enabled":                 false,
	"browser.safebrowsing.downloads.enabled":                false,
	"browser.topsites.contile.enabled":                      false,
	"browser.download.folderList":                           2,
	"browser.download.useDownloadDir":                       true,
	"browser.download.always_ask_before_handling_new_types": false,
	"browser.download.alwaysOpenPanel":                      false,
	"browser.translations.enable":                           false,
	"app.update.enabled":                                    false,
	"app.normandy.enabled":                                  false,
	"app.shield.optoutstudies.enabled":                      false,
	"extensions.update.enabled":                             false,
	"extensions.getAddons.cache.enabled":                    false,
	"extensions.systemAddon.update.enabled":                 false,
	"services.settings.server":                              "data:,",
	"messaging-system.rsexperimentloader.enabled":           false,
	"nimbus.rollouts.enabled":                               false,
	"datareporting.policy.dataSubmissionEnabled":            false,
	"datareporting.healthreport.uploadEnabled":              false,
	"datareporting.usage.uploadEnabled":                     false,
	"toolkit.telemetry.enabled":                             false,
	"toolkit.telemetry.server":                              "data:,",
	"dom.push.connection.enabled":                           false,
	"security.OCSP.enabled":                                 0,
	"security.remote_settings.crlite_filters.enabled":       false,
	"security.remote_settings.intermediates.enabled":        false,
	"geo.enabled":                                           false,
	"signon.rememberSignons":                                false,
}

// levelPrefs are what a security level of Tor Browser switches off.
func levelPrefs(l Level) map[string]any {
	prefs := map[string]any{}
	if l >= Safer {
		for _, name := range []string{"ion", "baselinejit", "native_regexp", "asmjs", "wasm"} {
			prefs["javascript.options."+name] = false
		}
		prefs["mathml.disabled"] = true
	}
	if l == Safest {
		prefs["javascript.enabled"] = false
		prefs["svg.disabled"] = true
	}
	return prefs
}

// writePrefs writes the user.js of a profile.
func writePrefs(profile, downloads string, o Options) error {
	host, port, err := net.SplitHostPort(o.Proxy)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	prefs := maps.Clone(firefoxPrefs)
	maps.Copy(prefs, levelPrefs(o.Level))
	prefs["network.proxy.socks"] = host
	prefs["network.proxy.socks_port"] = number
	prefs["browser.download.dir"] = downloads
	prefs["intl.accept_languages"] = o.Lang
	prefs["layout.css.prefers-color-scheme.content-override"] = 1 // light
	if o.Dark {
		prefs["layout.css.prefers-color-scheme.content-override"] = 0
	}
	var js strings.Builder
	for _, name := range slices.Sorted(maps.Keys(prefs)) {
		value, err := json.Marshal(prefs[name])
		if err != nil {
			return err
		}
		fmt.Fprintf(&js, "user_pref(%q, %s);\n", name, value)
	}
	return os.WriteFile(filepath.Join(profile, "user.js"), []byte(js.String()), 0o600)
}
