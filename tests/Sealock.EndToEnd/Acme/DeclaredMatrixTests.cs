// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.EndToEnd.Acme;

/// <summary>Every way of proving, and every hindrance on the way, of declared Certificates on one server.</summary>
public sealed class DeclaredMatrixTests(DeclaredMatrixTests.Ground shared) : IClassFixture<DeclaredMatrixTests.Ground>
{
    private static readonly string[] Places =
        ["/nonce-plz", "/sign-me-up", "/order-plz", "/authZ/", "/chalZ/", "/my-order/", "/finalize-order/", "/certZ/"];

    private static int _number;

    public static IEnumerable<object[]> Ways =>
        from way in (string[])["http01", "tlsALPN01", "rfc2136", "wildcard", "exec", "webhook"]
        from nonceReject in (int[])[5, 50]
        select (object[])[way, nonceReject];

    [PeerTheory("kubectl", "pebble", "pebble-challtestsrv", "named", "dig", "curl")]
    [MemberData(nameof(Ways))]
    public async Task A_certificate_is_had_by_every_way_of_proving_whatever_happens_to_nonces(string way, int nonceReject)
    {
        var server = await shared.ServerAsync();
        var name = Name(way);
        var asksBind = way is "rfc2136" or "wildcard";
        var pebble = await shared.PebbleAsync(nonceReject, asksBind);
        await server.AddIssuerAsync(name, await shared.SolverAsync(way), pebble.Directory, ca: pebble.Ca);
        string[] names = way == "wildcard" ? [$"{name}.example.com", $"*.{name}.example.com"] : [$"a.{name}.example.com", $"b.{name}.example.com"];
        await server.AddCertificateAsync(name, name, names);
        var leaf = await server.IssuedAsync(name, from: pebble);
        Assert.Equal(names.Order(StringComparer.Ordinal), leaf.Names.DnsNames.Order(StringComparer.Ordinal));
        await server.UntilAsync(text => !text.Contains(name, StringComparison.Ordinal), "get", "challenges", "-o", "name");
        Assert.Equal("valid", await OrdersAsync(server, name));
        if (asksBind)
            Assert.Empty(await (await shared.BindAsync()).TextsAsync($"_acme-challenge.{name}.example.com"));
    }

    [PeerTheory("kubectl", "pebble", "pebble-challtestsrv")]
    [InlineData("/order-plz")]
    [InlineData("/authZ/")]
    [InlineData("/chalZ/")]
    [InlineData("/my-order/")]
    [InlineData("/finalize-order/")]
    [InlineData("/certZ/")]
    public async Task A_CA_that_restarts_during_an_order_and_forgot_everything_is_asked_anew(string place)
    {
        var server = await shared.ServerAsync();
        var name = Name("restart");
        await using var pebble = await shared.StartPebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        await server.AddIssuerAsync(name, Ground.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.ReadyAsync(name);
        var key = await AccountKeyAsync(server, name);
        var restarts = 0;
        proxy.Before = path => path.Contains(place, StringComparison.Ordinal) && Interlocked.Increment(ref restarts) == 1
            ? pebble.RestartAsync() : Task.CompletedTask;
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        await server.IssuedAsync(name, from: pebble);
        Assert.True(restarts > 0);
        Assert.Equal(key, await AccountKeyAsync(server, name));
        Assert.InRange(proxy.Requests.Count(request => request.Path == "/order-plz"), 2, 3);
        Assert.Single((await server.GetAsync("get", "certificaterequests", "-o", "name")).Split('\n'), line => line.Contains(name, StringComparison.Ordinal));
        Assert.EndsWith("valid", await OrdersAsync(server, name), StringComparison.Ordinal);
    }

    [PeerFact("kubectl", "pebble", "pebble-challtestsrv")]
    public async Task Whatever_is_turned_away_for_a_moment_is_asked_again_when_that_is_over()
    {
        var server = await shared.ServerAsync();
        var name = Name("busy");
        var pebble = await shared.PebbleAsync();
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        var until = new Dictionary<string, DateTimeOffset>();
        proxy.RetryAfter = path =>
        {
            if (Places.FirstOrDefault(place => path.StartsWith(place, StringComparison.Ordinal)) is not { } place || until.ContainsKey(place))
                return null;
            var now = TimeProvider.System.GetUtcNow();
            // Every other time in seconds, every other time as a date, which knows no fractions.
            var inSeconds = until.Count % 2 == 1;
            var date = new DateTimeOffset(now.AddSeconds(1.999).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
            until[place] = inSeconds ? now.AddSeconds(1) : date;
            return inSeconds ? "1" : date.ToString("r", CultureInfo.InvariantCulture);
        };
        await server.AddIssuerAsync(name, Ground.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        await server.IssuedAsync(name, from: pebble);
        Assert.Equal(Places.Order(StringComparer.Ordinal), until.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("valid", await OrdersAsync(server, name));
        foreach (var (place, at) in until)
        {
            var asked = proxy.Requests.Where(request => request.Path.StartsWith(place, StringComparison.Ordinal)).Select(request => request.At).ToList();
            Assert.True(asked[1] >= at.AddMilliseconds(-20), $"{place} was asked again at {asked[1]:O}, before {at:O}");
        }
    }

    [PeerTheory("kubectl", "pebble", "pebble-challtestsrv")]
    [InlineData("/order-plz", false)]
    [InlineData("/chalZ/", true)]
    [InlineData("/finalize-order/", true)]
    public async Task A_long_wait_is_told_in_all_statuses_with_its_end(string place, bool asDate)
    {
        var server = await shared.ServerAsync();
        var name = Name("limited");
        var pebble = await shared.PebbleAsync(nonceReject: 0);
        await using var proxy = await BusyProxy.StartAsync($"https://127.0.0.1:{pebble.Port}");
        await server.AddIssuerAsync(name, Ground.TlsAlpn, $"{proxy.Url}/dir", ca: proxy.Ca);
        await server.ReadyAsync(name);
        var now = TimeProvider.System.GetUtcNow();
        proxy.RetryAfter = path => !path.StartsWith(place, StringComparison.Ordinal) ? null
            : asDate ? now.AddHours(1).ToString("r", CultureInfo.InvariantCulture) : "3600";
        await server.AddCertificateAsync(name, name, $"{name}.example.com");
        var told = await server.UntilAsync(
            text => text.Contains("next try at", StringComparison.Ordinal), "get", "certificate", name, "-o",
            "jsonpath={.status.conditions[?(@.type==\"Issuing\")].message}");
        Assert.Contains("too many new orders", told, StringComparison.Ordinal);
        var at = DateTimeOffset.Parse(told[(told.IndexOf("next try at ", StringComparison.Ordinal) + 12)..], CultureInfo.InvariantCulture);
        Assert.InRange(at, now.AddMinutes(59), now.AddMinutes(62));
        Assert.Equal(1, proxy.Requests.Count(request => request.Path.StartsWith(place, StringComparison.Ordinal)));
    }

    private static string Name(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind.ToLowerInvariant()}-{Interlocked.Increment(ref _number)}");

    private static async Task<string> AccountKeyAsync(IssuingServer server, string issuer) =>
        await server.GetAsync("get", "secret", $"{issuer}-account", "-n", "cert-manager", "-o", "jsonpath={.data.tls\\.key}");

    /// <summary>The states of a Certificate's Orders, the failed ones first.</summary>
    private static async Task<string> OrdersAsync(IssuingServer server, string certificate)
    {
        var orders = await server.GetAsync("get", "orders", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.state}{\"\\n\"}{end}");
        return string.Join(' ', orders.Split('\n').Where(line => line.StartsWith(certificate + "-", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1]).OrderBy(state => state == "valid"));
    }

    /// <summary>One server for all, which answers on the address that the pebbles validate.</summary>
    public sealed class Ground : IAsyncLifetime
    {
        public const string TlsAlpn = "[{tlsALPN01: {}}]";

        private readonly ProvingGround _ground = new();
        private IssuingServer? _server;

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
            await _ground.DisposeAsync();
        }

        internal Task<Bind> BindAsync() => _ground.BindAsync();

        internal Task<Pebble> PebbleAsync(int nonceReject = 5, bool asksBind = false) => _ground.PebbleAsync(nonceReject, asksBind);

        internal Task<Pebble> StartPebbleAsync(int nonceReject = 5) => _ground.StartPebbleAsync(nonceReject);

        internal async Task<IssuingServer> ServerAsync()
        {
            if (_server is not null)
                return _server;
            _server = await IssuingServer.StartAsync(TlsAlpn, at: _ground.At, flags: ["--acme-dns01-hook", await _ground.HookAsync()]);
            var bind = await _ground.BindAsync();
            await _server.ApplyAsync($$"""
                apiVersion: v1
                kind: Secret
                metadata: {name: tsig, namespace: cert-manager}
                stringData: {secret: "{{bind.Secret}}"}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: webhook, namespace: cert-manager}
                stringData: {token: "{{ProvingGround.WebhookToken}}"}
                """);
            return _server;
        }

        /// <summary>The solvers of a way.</summary>
        internal async Task<string> SolverAsync(string way)
        {
            switch (way)
            {
                case "http01":
                    return "[{http01: {ingress: {ingressClassName: nginx}}}]";
                case "tlsALPN01":
                    return TlsAlpn;
                case "exec":
                    return "[{waitInsteadOfSelfCheck: 0s, dns01: {webhook: {groupName: acme.example.com, solverName: exec}}}]";
                case "webhook":
                    var (url, file) = await _ground.WebhookAsync();
                    var ca = Convert.ToBase64String(Encoding.ASCII.GetBytes(await File.ReadAllTextAsync(file)));
                    return $$"""
                        [{waitInsteadOfSelfCheck: 0s, dns01: {webhook: {groupName: acme.example.com, solverName: own,
                         config: {url: "{{url}}", caBundle: {{ca}}, tokenSecretRef: {name: webhook, key: token} } } } }]
                        """;
                default:
                    var bind = await BindAsync();
                    return $$"""
                        [{dns01: {nameservers: ["{{bind.Address}}"], rfc2136: {nameserver: "{{bind.Address}}", tsigKeyName: {{bind.KeyName}}, tsigAlgorithm: HMACSHA256,
                         tsigSecretSecretRef: {name: tsig, key: secret} } } }]
                        """;
            }
        }
    }
}
