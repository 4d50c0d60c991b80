// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;

namespace Sealock.EndToEnd.Rotation;

/// <summary>A server with a serving certificate of somebody else's CA, in files or in a Secret, and clients' CAs in a file.</summary>
internal sealed class RotatingServer : IAsyncDisposable
{
    public const string Token = "the-operators-token";
    private const string Host = "k8s.example.com";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly CertificateAuthority _servingCa = Authority("somebody else's CA");
    private readonly bool _inSecret;
    private CertificateAuthority _clientCa = Authority("clients' CA 0");
    private FleetIdentity _client;
    private SealockProcess? _process;
    private int _served;

    private RotatingServer(bool inSecret)
    {
        _inSecret = inSecret;
        _client = IssueClient(_clientCa, 0);
    }

    /// <summary>How clients reach it.</summary>
    public FleetTarget Target { get; private set; } = null!;

    /// <summary>What clients with certificates come with.</summary>
    public FleetIdentity Client => Volatile.Read(ref _client);

    /// <summary>What it printed.</summary>
    public string Log => _process?.Log ?? "";

    /// <summary>How long each certificate took until a handshake showed it.</summary>
    public List<TimeSpan> Delays { get; } = [];

    /// <summary>The CA of clients.</summary>
    public CertificateAuthority ClientCa => _clientCa;

    /// <summary>A path in its folder.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Starts it; the first certificate is served.</summary>
    /// <param name="inSecret">Whether the certificate stands in a Secret.</param>
    /// <param name="prepare">Done before; answers further flags.</param>
    public static async Task<RotatingServer> StartAsync(bool inSecret, Func<RotatingServer, IEnumerable<string>>? prepare = null)
    {
        var server = new RotatingServer(inSecret);
        server.Write("clients.crt", server._clientCa.Certificate.ToPem());
        server.Write("tokens.csv", $"{Token},operator,1,system:masters\n");
        server.Write("serving-ca.crt", server._servingCa.Certificate.ToPem());
        List<string> arguments =
        [
            "server", "--data", server._folder["data"], "--bind-address", "127.0.0.1", "--secure-port", "0",
            "--client-ca-file", server._folder["clients.crt"], "--token-auth-file", server._folder["tokens.csv"],
            .. prepare?.Invoke(server) ?? [],
        ];
        if (inSecret)
        {
            arguments.AddRange(["--tls-mode", "secret", "--tls-secret", "default/web", "--hostname", Host]);
        }
        else
        {
            var (chain, key, _) = server.IssueServing(0);
            server.Write("tls.key", key);
            server.Write("tls.crt", chain);
            arguments.AddRange(
                ["--tls-cert-file", server._folder["tls.crt"], "--tls-private-key-file", server._folder["tls.key"], "--tls-ca-file", server._folder["serving-ca.crt"]]);
        }

        server._process = await SealockProcess.StartAsync([.. arguments]);
        server.Target = new FleetTarget(Host, server._process.Port, server._servingCa.Certificate);
        return server;
    }

    /// <summary>Replaces the serving certificate, and waits until a handshake shows the new one.</summary>
    public async Task RotateServingAsync(Fleet? fleet)
    {
        var age = ++_served;
        var (chain, key, thumbprint) = IssueServing(age);
        fleet?.Expect(age, thumbprint);
        var since = Stopwatch.GetTimestamp();
        if (_inSecret)
        {
            await PutSecretAsync(chain, key);
        }
        else
        {
            Write("tls.key", key);
            Write("tls.crt", chain);
        }

        while (await Target.ShownAsync() != thumbprint)
            await BreatheAsync(since, $"certificate {age} is not served");
        Delays.Add(Stopwatch.GetElapsedTime(since));
        fleet?.Confirm(age, thumbprint);
    }

    /// <summary>Trusts a new CA of clients beside the old one, moves the clients, and withdraws the old one.</summary>
    public async Task RotateClientCaAsync(Fleet fleet)
    {
        var (old, oldClient) = (_clientCa, Client);
        using var canary = Target.Client(oldClient, HttpVersion.Version11, () => { });
        using var canary2 = Target.Client(oldClient, HttpVersion.Version20, () => { });
        using var watching = await canary2.GetAsync("/api/v1/namespaces?watch=1", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(canary));

        _clientCa = Authority($"clients' CA {oldClient.Generation + 1}");
        var next = IssueClient(_clientCa, oldClient.Generation + 1);
        Write("clients.crt", _clientCa.Certificate.ToPem() + old.Certificate.ToPem());
        await UntilAsync("the new CA is trusted", async () => await AskAnewAsync(next) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(canary));

        Volatile.Write(ref _client, next);
        await fleet.MovedAsync(next.Generation);
        Write("clients.crt", _clientCa.Certificate.ToPem());
        await UntilAsync("the old CA is withdrawn", async () => await AskAnewAsync(oldClient) == HttpStatusCode.Unauthorized);
        // On connections from before, too.
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(canary));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(canary2));
        await watching.Content.CopyToAsync(Stream.Null).WaitAsync(Patience);
    }

    /// <summary>What it holds in memory, in megabytes.</summary>
    public long Megabytes
    {
        get
        {
            using var process = System.Diagnostics.Process.GetProcessById(_process!.ProcessId);
            return process.WorkingSet64 / (1024 * 1024);
        }
    }

    /// <summary>A page of metrics.</summary>
    public async Task<string> MetricsAsync()
    {
        using var client = Target.Client(new FleetIdentity(0, Token, null), HttpVersion.Version11, () => { });
        return await client.GetStringAsync("/metrics");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>What a request is answered on a connection of its own.</summary>
    public async Task<HttpStatusCode> AskAnewAsync(FleetIdentity identity)
    {
        using var client = Target.Client(identity, HttpVersion.Version11, () => { });
        return await AskAsync(client);
    }

    /// <summary>A client's certificate.</summary>
    public static FleetIdentity IssueClient(CertificateAuthority authority, int generation, string name = "operator")
    {
        using var key = KeyPair.Generate();
        var leaf = Issue(authority, key, CertificateProfile.Client, DistinguishedName.Create(name, "system:masters"));
        return new FleetIdentity(generation, "", ServingCertificate.Create([leaf], key).Leaf);
    }

    /// <summary>Writes a serving certificate and its key; answers how .NET names it.</summary>
    public string WriteServing(string name, string host)
    {
        var (chain, key, thumbprint) = IssueServing(host, host);
        Write(name + ".key", key);
        Write(name + ".crt", chain);
        return thumbprint;
    }

    /// <summary>Writes a file as a careful writer does: nobody ever reads half of it.</summary>
    public void Write(string name, string text)
    {
        File.WriteAllText(_folder[name + ".next"], text);
        File.Move(_folder[name + ".next"], _folder[name], overwrite: true);
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/namespaces/default");
        return answer.StatusCode;
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await isSo())
            await BreatheAsync(since, "not yet so: " + what);
    }

    private static async Task BreatheAsync(long since, string otherwise)
    {
        if (Stopwatch.GetElapsedTime(since) > Patience)
            throw new TimeoutException(otherwise);
        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
    }

    private static CertificateAuthority Authority(string name) => CertificateAuthority.CreateRoot(
        name, KeyPair.Generate(), TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1), TimeSpan.FromDays(3650));

    private static Certificate Issue(CertificateAuthority authority, KeyPair key, CertificateProfile profile, DistinguishedName subject, params string[] hosts) =>
        authority.Issue(
            new IssuanceRequest
            {
                Subject = subject,
                PublicKey = key.PublicKey,
                Profile = profile,
                Names = SubjectAlternativeNames.ForHosts(hosts),
                Lifetime = TimeSpan.FromDays(30),
            },
            TimeProvider.System.GetUtcNow()).Require();

    private (string Chain, string Key, string Thumbprint) IssueServing(int age) => IssueServing($"serving-{age}", Host, "127.0.0.1");

    private (string Chain, string Key, string Thumbprint) IssueServing(string name, params string[] hosts)
    {
        using var key = KeyPair.Generate();
        var leaf = Issue(_servingCa, key, CertificateProfile.Server, DistinguishedName.Create(name), hosts);
#pragma warning disable CA5350 // .NET names certificates so.
        return (leaf.ToPem(), key.ToPkcs8Pem(), Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(leaf.Der.Span)));
#pragma warning restore CA5350
    }

    /// <summary>Before the first one is served, clients see the server's own certificate.</summary>
    private async Task PutSecretAsync(string chain, string key)
    {
        static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        var secret = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "web" },
            ["type"] = "kubernetes.io/tls",
            ["data"] = new JsonObject
            {
                ["tls.crt"] = Encoded(chain),
                ["tls.key"] = Encoded(key),
                ["ca.crt"] = Encoded(_servingCa.Certificate.ToPem()),
            },
        };
        var first = _served == 1;
        var trusted = first ? Certificate.FromPem(await File.ReadAllTextAsync(_folder["data/pki/ca.crt"])) : _servingCa.Certificate;
        using var client = (Target with { Trusted = trusted }).Client(new FleetIdentity(0, Token, null), HttpVersion.Version11, () => { });
        using var content = new StringContent(secret.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = first
            ? await client.PostAsync("/api/v1/namespaces/default/secrets", content)
            : await client.PutAsync("/api/v1/namespaces/default/secrets/web", content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
