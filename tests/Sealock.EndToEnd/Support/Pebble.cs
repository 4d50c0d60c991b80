// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.Support;

/// <summary>How a pebble is set up; it is strict and validates for real in any case.</summary>
internal sealed record PebbleOptions
{
    /// <summary>The port it validates HTTP-01 on.</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>The port it validates TLS-ALPN-01 on.</summary>
    public int TlsPort { get; init; } = 443;

    /// <summary>The DNS server it asks, as <c>ADDRESS:PORT</c>; null for the machine's.</summary>
    public string? DnsServer { get; init; }

    /// <summary>Percent of good nonces that it refuses; 5 is its own default.</summary>
    public int NonceReject { get; init; } = 5;

    /// <summary>Percent of valid authorizations that it uses again.</summary>
    public int AuthorizationReuse { get; init; }

    /// <summary>How many more roots (and chains) it has.</summary>
    public int AlternateRoots { get; init; }

    /// <summary>The external accounts a new account must be bound to one of: HMAC keys in base64url by key identifier; none for no binding.</summary>
    public IReadOnlyDictionary<string, string> ExternalAccounts { get; init; } = new Dictionary<string, string>();

    /// <summary>Names it never issues for.</summary>
    public IReadOnlyList<string> BlockedDomains { get; init; } = [];

    /// <summary>Seconds that its answers tell to wait before asking again.</summary>
    public int RetryAfter { get; init; } = 1;

    /// <summary>Whether to take the newer one, which has ARI and profiles (<c>PeerFact("newer pebble")</c>).</summary>
    public bool Newer { get; init; }
}

/// <summary>Let's Encrypt's ACME test server as a process of its own.</summary>
internal sealed class Pebble : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PebbleOptions _options;
    private readonly HttpClient _management;
    private ServerProcess? _process;

    private Pebble(PebbleOptions options, string ca)
    {
        (_options, Ca) = (options, ca);
        _management = new(new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
        // It answers nobody who does not say who asks.
        _management.DefaultRequestHeaders.UserAgent.ParseAdd("sealock-tests");
    }

    /// <summary>The CA that its own server certificate is from, in PEM.</summary>
    public string Ca { get; }

    /// <summary>A file with <see cref="Ca"/>.</summary>
    public string CaFile => _folder["ca.crt"];

    /// <summary>The port it listens on; the same after <see cref="RestartAsync"/>.</summary>
    public int Port { get; private set; }

    /// <summary>The URL of its directory.</summary>
    public string Directory => $"https://127.0.0.1:{Port}/dir";

    /// <summary>What it printed so far.</summary>
    public string Log => _process?.Log ?? "";

    private int ManagementPort { get; set; }

    /// <summary>Starts one on free ports of 127.0.0.1 and waits until it answers.</summary>
    public static async Task<Pebble> StartAsync(PebbleOptions? options = null)
    {
        using var caKey = KeyPair.Generate();
        using var key = KeyPair.Generate();
        var now = TimeProvider.System.GetUtcNow();
        var ca = CertificateAuthority.CreateRoot("pebble's own CA", caKey, now);
        var leaf = ca.Issue(new()
        {
            Subject = DistinguishedName.Create("pebble"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Server,
            Names = SubjectAlternativeNames.ForHosts("127.0.0.1", "localhost"),
        }, now).Require();
        var pebble = new Pebble(options ?? new(), ca.Certificate.ToPem()) { Port = Ports.Free(), ManagementPort = Ports.Free() };
        await File.WriteAllTextAsync(pebble.CaFile, pebble.Ca);
        await File.WriteAllTextAsync(pebble._folder["tls.crt"], leaf.ToPem());
        AtomicFile.Write(pebble._folder["tls.key"], System.Text.Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), AtomicFile.Secret);
        try
        {
            await pebble.RunAsync();
            return pebble;
        }
        catch
        {
            await pebble.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it and starts it again: it has then forgotten everything, as it keeps all in memory.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await RunAsync();
    }

    /// <summary>Ends it.</summary>
    public async Task StopAsync()
    {
        if (_process is { } running)
            await running.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it where it was stopped.</summary>
    public async Task RunAsync()
    {
        await File.WriteAllTextAsync(_folder["config.json"], Configuration().ToJsonString());
        string[] arguments = ["-config", _folder["config.json"], "-strict", .. _options.DnsServer is { } dns ? (string[])["-dnsserver", dns] : []];
        _process = ServerProcess.Start(_options.Newer ? Peers.NewerPebble! : "pebble", arguments, new Dictionary<string, string>
        {
            ["PEBBLE_VA_NOSLEEP"] = "1",
            ["PEBBLE_WFE_NONCEREJECT"] = Number(_options.NonceReject),
            ["PEBBLE_AUTHZREUSE"] = Number(_options.AuthorizationReuse),
            ["PEBBLE_ALTERNATE_ROOTS"] = Number(_options.AlternateRoots),
        });
        await _process.WaitUntilAsync(async () => (await _management.GetAsync(Directory)).StatusCode == HttpStatusCode.OK);
    }

    /// <summary>A root of what it issues, in PEM; another after each start.</summary>
    public Task<string> GetRootAsync(int index = 0) => _management.GetStringAsync(Management($"roots/{index}"));

    /// <summary>What it says of a certificate: <c>Status</c> (Valid, Revoked), <c>Reason</c>; null where it does not know it.</summary>
    public async Task<JsonNode?> GetCertificateStatusAsync(Certificate certificate)
    {
        // It looks numbers up as Go prints them: without zeros in front.
        var serial = certificate.SerialNumber.ToString().ToLowerInvariant().TrimStart('0');
        using var answer = await _management.GetAsync(Management($"cert-status-by-serial/{serial}"));
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null;
    }

    /// <summary>Makes it suggest a time to renew a certificate (the newer one only).</summary>
    public async Task SuggestRenewalAsync(Certificate certificate, DateTimeOffset start, DateTimeOffset end)
    {
        var suggestion = JsonSerializer.Serialize(new { suggestedWindow = new { start, end } });
        var body = JsonSerializer.Serialize(new { certificate = certificate.ToPem(), ariResponse = suggestion });
        using var answer = await _management.PostAsync(Management("set-renewal-info/"), new StringContent(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _management.Dispose();
        _folder.Dispose();
    }

    private Uri Management(string path) => new($"https://127.0.0.1:{ManagementPort}/{path}");

    private JsonObject Configuration()
    {
        var settings = new JsonObject
        {
            ["listenAddress"] = $"127.0.0.1:{Port}",
            ["managementListenAddress"] = $"127.0.0.1:{ManagementPort}",
            ["certificate"] = _folder["tls.crt"],
            ["privateKey"] = _folder["tls.key"],
            ["httpPort"] = _options.HttpPort,
            ["tlsPort"] = _options.TlsPort,
            ["ocspResponderURL"] = "",
            ["externalAccountBindingRequired"] = _options.ExternalAccounts.Count > 0,
            ["domainBlocklist"] = new JsonArray([.. _options.BlockedDomains.Select(name => JsonValue.Create(name))]),
            ["retryAfter"] = new JsonObject { ["authz"] = _options.RetryAfter, ["order"] = _options.RetryAfter },
        };
        if (_options.ExternalAccounts.Count > 0)
            settings["externalAccountMACKeys"] = new JsonObject(_options.ExternalAccounts.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
        if (_options.Newer)
        {
            settings["profiles"] = new JsonObject
            {
                ["default"] = new JsonObject { ["description"] = "90 days", ["validityPeriod"] = 7776000 },
                ["shortlived"] = new JsonObject { ["description"] = "six days", ["validityPeriod"] = 518400 },
            };
        }

        return new() { ["pebble"] = settings };
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
