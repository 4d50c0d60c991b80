// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Acme;

/// <summary>Declared Certificates by DNS, with external accounts, limits, and suggested renewal times.</summary>
public sealed class DeclaredAnywhereTests
{
    private const string TlsAlpn = "[{tlsALPN01: {}}]";

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv", "named", "dig")]
    public async Task A_name_with_its_wildcard_is_proven_by_dynamic_updates_and_nothing_stays_in_the_zone()
    {
        await using var bind = await Bind.StartAsync();
        await using var server = await IssuingServer.StartAsync(TlsAlpn, dnsServer: bind.Address);
        await server.ApplyAsync($$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: tsig, namespace: cert-manager}
            stringData: {secret: "{{bind.Secret}}"}
            """);
        await server.AddIssuerAsync("dns", $$"""
            [{dns01: {nameservers: ["{{bind.Address}}"], rfc2136: {nameserver: "{{bind.Address}}", tsigKeyName: {{bind.KeyName}}, tsigAlgorithm: HMACSHA256,
             tsigSecretSecretRef: {name: tsig, key: secret} } } }]
            """);
        await server.AddCertificateAsync("web", "dns", "example.com", "*.example.com");
        var leaf = await server.IssuedAsync("web");
        Assert.Equal(["*.example.com", "example.com"], leaf.Names.DnsNames.Order(StringComparer.Ordinal));
        await server.UntilAsync(text => text.Length == 0, "get", "challenges", "-o", "name");
        Assert.Empty(await bind.TextsAsync("_acme-challenge.example.com"));
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task An_account_is_bound_to_an_external_one_whose_key_may_come_later()
    {
        const string Secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        await using var server = await IssuingServer.StartAsync(
            TlsAlpn, new() { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = Secret } });
        var refused = await server.UntilAsync(
            text => text.Length > 2, "get", "clusterissuer", "pebble", "-o", "jsonpath={.status.conditions[0].reason} {.status.conditions[0].message}");
        Assert.StartsWith("ErrRegisterACMEAccount", refused, StringComparison.Ordinal);
        await server.ApplyAsync($$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: eab, namespace: cert-manager}
            stringData: {key: "{{Secret}}"}
            """);
        await server.AddIssuerAsync(
            "pebble", TlsAlpn, more: "externalAccountBinding: {keyID: kid-1, keySecretRef: {name: eab, key: key} }");
        await server.ReadyAsync("pebble");
        await server.AddCertificateAsync("web", "pebble", "a.example.com");
        await server.IssuedAsync("web");
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task A_limit_is_obeyed_and_told_everywhere_with_the_time_of_the_next_try()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn, new() { NonceReject = 0 });
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{server.Pebble.Port}");
        await server.AddIssuerAsync("busy", TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.ReadyAsync("busy");
        var turnedAway = 0;
        proxy.RetryAfter = path => path.Contains("order-plz", StringComparison.Ordinal) && Interlocked.Increment(ref turnedAway) <= 1 ? "4" : null;
        await server.AddCertificateAsync("web", "busy", "a.example.com");
        var told = await server.UntilAsync(
            text => text.Contains("next try at", StringComparison.Ordinal), "get", "certificate", "web", "-o",
            "jsonpath={.status.conditions[?(@.type==\"Issuing\")].message}");
        Assert.Contains("too many new orders", told, StringComparison.Ordinal);
        var at = DateTimeOffset.Parse(told[(told.IndexOf("next try at ", StringComparison.Ordinal) + 12)..], CultureInfo.InvariantCulture);
        await server.IssuedAsync("web");
        Assert.True(TimeProvider.System.GetUtcNow() >= at);
        Assert.Equal(2, turnedAway);
    }

    [PeerFact("kubectl", "newer pebble", "pebble-challtestsrv")]
    public async Task The_CA_is_asked_when_to_renew_and_obeyed()
    {
        await using var server = await IssuingServer.StartAsync(TlsAlpn, new() { Newer = true });
        await server.AddIssuerAsync("short", TlsAlpn, more: "profile: shortlived");
        await server.ReadyAsync("short");
        await server.AddCertificateAsync("web", "short", "a.example.com");
        var leaf = await server.IssuedAsync("web");
        Assert.InRange(leaf.Lifetime, TimeSpan.FromDays(5.9), TimeSpan.FromDays(6.1));
        var window = await server.UntilAsync(
            text => text.Length > 2, "get", "certificate", "web", "-o",
            "jsonpath={.status.acme.ari.suggestedWindow.start} {.status.acme.ari.suggestedWindow.end}");
        var (start, end) = (window.Split(' ')[0], window.Split(' ')[1]);
        var renewal = await server.GetAsync("get", "certificate", "web", "-o", "jsonpath={.status.renewalTime}");
        Assert.InRange(Time(renewal), Time(start), Time(end));

        // The suggestion changes; the next time it is asked is brought forward by hand.
        var now = TimeProvider.System.GetUtcNow();
        await server.Pebble.SuggestRenewalAsync(leaf, now.AddMinutes(-10), now.AddMinutes(-5));
        (await server.KubectlAsync(
            null, "patch", "certificate", "web", "--subresource=status", "--type=merge", "-p", """{"status": {"acme": {"ari": {"nextCheck": null}}}}""")).Succeeded();
        var renewed = await server.IssuedAsync("web", 2);
        Assert.NotEqual(leaf.SerialNumber, renewed.SerialNumber);
        var id = Sealock.Acme.Orders.RenewalTiming.CertificateId(leaf);
        Assert.Equal(id, await server.GetAsync("get", "orders", "-o", "jsonpath={.items[*].spec.replaces}"));
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
